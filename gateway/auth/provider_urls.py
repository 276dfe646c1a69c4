"""Which addresses of an identity provider are trusted."""

import re

from gateway.addresses import is_loopback

# Visible characters of RFC 3986 without user, password and fragment.
URL = re.compile(
    r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r"([/?][A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]*)?"
)


def is_trusted(url: str) -> bool:
    """Tell whether an answer from there is authentic: by https, or on this machine."""
    return URL.fullmatch(url) is not None and (
        url.startswith("https:") or is_loopback(url)
    )
