import pytest

from gateway.web.client_address import parse_networks, to_client_address
from gateway.web.headers import RequestHeaders

PROXIES = ("10.0.0.0/8", "fd00::/8")


def to_address(peer: str, *forwarded: str, trusted: tuple[str, ...] = PROXIES) -> str:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    return to_client_address(peer, RequestHeaders(headers), parse_networks(trusted))


@pytest.mark.parametrize("forwarded", [(), ("198.51.100.7",), ("127.0.0.1, 10.0.0.1",)])
def test_nobody_can_claim_another_address(forwarded: tuple[str, ...]) -> None:
    assert to_address("203.0.113.9", *forwarded) == "203.0.113.9"
    assert to_address("10.0.0.1", *forwarded, trusted=()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        (("198.51.100.7",), "198.51.100.7"),
        (("1.2.3.4, 198.51.100.7",), "198.51.100.7"),
        (("1.2.3.4", "198.51.100.7, 10.9.9.9"), "198.51.100.7"),
        (("198.51.100.7,10.1.1.1 , 10.9.9.9",), "198.51.100.7"),
        (("10.1.1.1, 10.9.9.9",), "10.1.1.1"),
        (("198.51.100.7, unknown",), "10.0.0.1"),
        (("",), "10.0.0.1"),
        ((), "10.0.0.1"),
    ],
)
def test_what_trusted_proxies_say_is_believed_and_nothing_before_it(
    forwarded: tuple[str, ...], expected: str
) -> None:
    assert to_address("10.0.0.1", *forwarded) == expected


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_stands_for_the_client_that_has_it(peer: str, expected: str) -> None:
    assert to_address(peer) == expected


def test_a_proxy_of_ipv4_is_known_behind_a_socket_of_ipv6() -> None:
    assert to_address("::ffff:10.0.0.1", "198.51.100.7") == "198.51.100.7"
