import pytest
from starlette.types import Scope

from gateway.web.public_url import to_public_url


def to_scope(host: str, scheme: str = "http") -> Scope:
    return {"scheme": scheme, "headers": [(b"host", host.encode("latin-1"))]}


@pytest.mark.parametrize("host", ["jobs.example.com", "127.0.0.1:8000", "[::1]:8000"])
def test_the_address_is_what_the_client_asked(host: str) -> None:
    assert to_public_url(to_scope(host, "https"), None) == f"https://{host}"


def test_an_address_that_is_set_wins() -> None:
    url = "https://jobs.example.com/api"
    assert to_public_url(to_scope("evil.example"), url) == url


@pytest.mark.parametrize("host", ["", 'a", error="x', "a b", "a/b", "me@a", "é"])
def test_what_is_no_host_gives_no_address(host: str) -> None:
    assert to_public_url(to_scope(host), None) is None


def test_a_request_without_a_host_gives_no_address() -> None:
    assert to_public_url({"scheme": "http", "headers": []}, None) is None
