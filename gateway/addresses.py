"""Addresses of servers to what they say about trust: whose machine, which origin."""

from ipaddress import ip_address
from urllib.parse import urlsplit


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
