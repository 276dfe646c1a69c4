from collections.abc import Mapping

import pytest

from gateway.errors import UnauthenticatedError
from gateway.settings import Settings
from gateway.web.cross_site import CookieRules
from gateway.web.headers import RequestHeaders

COOKIE = "jwt=aaa.bbb.ccc"
APP = "https://app.example.com"
SETTINGS = Settings(public_url="https://jobs.example.com/api")
ALLOWING = SETTINGS.replace(cors_origins=(APP,), cors_credentials=True)


def counts(
    method: str, headers: Mapping[str, str], settings: Settings = SETTINGS
) -> bool:
    """Tell whether the cookie of a request counts."""
    given = {"host": "internal:8000", "cookie": COOKIE, **headers}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    try:
        values_of = CookieRules(settings).admit(method, RequestHeaders(raw))
    except UnauthenticatedError:
        return False
    return bool(values_of("cookie"))


OWN: dict[str, dict[str, str]] = {
    "no browser": {},
    "own page": {"sec-fetch-site": "same-origin", "origin": "https://jobs.example.com"},
    "own page of a browser behind a proxy": {
        "sec-fetch-site": "same-origin",
        "origin": "https://other-name.example.com",
    },
    "typed": {"sec-fetch-site": "none"},
    "old browser": {"origin": "http://internal:8000"},
    "old browser at the public address": {"origin": "https://jobs.example.com"},
}
FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"sec-fetch-site": "cross-site", "origin": APP},
    "a neighbour": {"sec-fetch-site": "same-site", "origin": "https://b.example.com"},
    "another site without an origin": {"sec-fetch-site": "cross-site"},
    "an unknown word": {"sec-fetch-site": "same-origin, cross-site"},
    "old browser": {"origin": APP},
    "another port": {"origin": "http://internal:8001"},
    "a longer name": {"origin": "http://internal:8000.example.com"},
    "a name in front": {"origin": "http://internal:8000@example.com"},
    "a sandbox": {"origin": "null"},
    "two origins": {"origin": "http://internal:8000,https://a.example.com"},
}


@pytest.mark.parametrize("headers", OWN.values(), ids=OWN)
def test_the_cookie_counts_in_a_post_of_an_own_page(headers: dict[str, str]) -> None:
    assert counts("POST", headers)


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_cookie_never_counts_in_a_request_of_another_site(
    method: str, headers: dict[str, str]
) -> None:
    assert not counts(method, headers)
    assert not counts(method, headers | {"apollo-require-preflight": "1"})


@pytest.mark.parametrize("headers", OWN.values(), ids=OWN)
def test_the_cookie_counts_in_a_get_that_no_link_can_send(
    headers: dict[str, str],
) -> None:
    assert not counts("GET", headers)
    assert not counts("GET", headers | {"apollo-require-preflight": ""})
    assert counts("GET", headers | {"apollo-require-preflight": "true"})
    assert counts("GET", headers | {"x-apollo-operation-name": "Jobs"})


@pytest.mark.parametrize(
    ("settings", "origin", "expected"),
    [
        (ALLOWING, APP, True),
        (ALLOWING, "https://evil.example.com", False),
        (ALLOWING, "http://app.example.com", False),
        (ALLOWING.replace(cors_credentials=False), APP, False),
        (SETTINGS.replace(cors_origins=("*",)), APP, False),
    ],
)
def test_the_cookie_counts_for_sites_that_the_settings_name_for_it(
    settings: Settings, origin: str, expected: object
) -> None:
    headers = {"origin": origin, "sec-fetch-site": "cross-site"}
    assert counts("POST", headers, settings) is expected


def test_an_explicit_credential_is_taken_from_any_site_and_the_cookie_left() -> None:
    raw = [(b"cookie", COOKIE.encode()), (b"x-api-key", b"a.b"), (b"origin", b"null")]
    values_of = CookieRules(SETTINGS).admit("POST", RequestHeaders(raw))
    assert (values_of("x-api-key"), values_of("cookie")) == (["a.b"], [])


def test_other_cookies_are_nobodys_business() -> None:
    raw = [(b"cookie", b"theme=dark"), (b"origin", b"null")]
    assert CookieRules(SETTINGS).admit("POST", RequestHeaders(raw))("cookie") == []


def test_the_refusal_says_what_would_be_right() -> None:
    raw = [(b"cookie", COOKIE.encode())]
    with pytest.raises(UnauthenticatedError, match="apollo-require-preflight"):
        CookieRules(SETTINGS).admit("GET", RequestHeaders(raw))
