"""Which addresses of an identity provider may be used at all."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["is_loopback", "is_trusted", "to_origin"]

# Visible characters of RFC 3986 without user, password and fragment.
URL = re.compile(
    r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r"([/?][A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]*)?"
)


def is_trusted(url: str) -> bool:
    """Tell whether what is read there can be believed: https, or this machine."""
    return URL.fullmatch(url) is not None and (
        url.startswith("https:") or is_loopback(url)
    )


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def to_origin(url: str) -> str:
    """Give scheme, host and port, as a browser writes an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
