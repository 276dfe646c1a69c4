"""Finds the client's address behind trusted proxies, for rate limits by address."""

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
# An IPv6 client is given a /64 network, and can use any address of it.
IPV6_PREFIX = 64


def parse_networks(texts: Iterable[str]) -> Networks:
    """Parse the networks of trusted proxies, which the settings have checked."""
    return tuple(ip_network(text) for text in texts)


def to_client_address(peer: str, headers: RequestHeaders, trusted: Networks) -> str:
    """Give the address that a request is counted for; of IPv6, its /64 network.

    Args:
        peer: The address that connected; returned as it is if it is no IP address.
        headers: The request's. Clients can write `x-forwarded-for` themselves, so only
            the entries that trusted proxies appended are read.
        trusted: The networks of the proxies.
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
    return to_counted_text(address)


def parse_address(text: str) -> Address | None:
    """Parse an address; an IPv4-mapped IPv6 address is the IPv4 one."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_in(address: Address, networks: Networks) -> bool:
    """Tell whether an address is in one of the networks."""
    return any(address in network for network in networks)


def to_counted_text(address: Address) -> str:
    """Write an IPv4 address, or the /64 network of an IPv6 one."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address.packed, IPV6_PREFIX), strict=False))
