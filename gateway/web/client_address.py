"""A request to the address that it counts for, behind proxies that are trusted."""

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from gateway.web.headers import RequestHeaders

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]
# What one client of IPv6 is given; within it, it has any address it likes.
IPV6_PREFIX = 64


def to_networks(texts: Iterable[str]) -> Networks:
    """Read the networks of trusted proxies, which the settings have checked."""
    return tuple(ip_network(text) for text in texts)


def to_client_address(peer: str, headers: RequestHeaders, trusted: Networks) -> str:
    """Give the address that a request counts for; of IPv6, its network.

    Args:
        peer: Who connected; what is no address counts as it is.
        headers: Those of the request: anybody can write `x-forwarded-for`, so that only
            what trusted proxies added at its end is looked at.
        trusted: Where the proxies are that add to it.
    """
    address = parse_address(peer)
    if address is None:
        return peer
    forwarded = headers.joined("x-forwarded-for").split(",")
    while forwarded and is_in(address, trusted):
        found = parse_address(forwarded.pop().strip())
        if found is None:
            break
        address = found
    return to_text(address)


def parse_address(text: str) -> Address | None:
    """Read an address; one of IPv4 that is written as IPv6 is of IPv4."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_in(address: Address, networks: Networks) -> bool:
    """Tell whether an address is in one of the networks."""
    return any(address in network for network in networks)


def to_text(address: Address) -> str:
    """Write an address, or the network that stands for it."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address.packed, IPV6_PREFIX), strict=False))
