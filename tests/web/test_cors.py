import pytest

from gateway.errors import SettingsError
from gateway.settings import read_settings
from tests.web.fakes import KEY, to_client

APP = "https://app.example.com"
QUERY = {"query": "{ viewer { account } }"}
PREFLIGHT = {
    "origin": APP,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-api-key",
}


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_no_other_site_is_allowed_anything_unless_it_is_set(method: str) -> None:
    with to_client() as client:
        answer = client.request(method, "/graphql", json=QUERY, headers=PREFLIGHT)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_named_origin_may_ask_with_a_key() -> None:
    with to_client(cors_origins=(APP,)) as client:
        asked = client.options("/graphql", headers=PREFLIGHT)
        answer = client.post("/graphql", json=QUERY, headers={"origin": APP})
    assert (asked.status_code, answer.status_code) == (200, 200)
    allowed = asked.headers["access-control-allow-headers"].lower()
    assert {"content-type", "x-api-key", "authorization"} <= set(allowed.split(", "))
    for each in (asked, answer):
        assert each.headers["access-control-allow-origin"] == APP
        assert "access-control-allow-credentials" not in each.headers
    assert "retry-after" in answer.headers["access-control-expose-headers"]


def test_other_origins_stay_outside() -> None:
    origin = {"origin": "https://evil.example.com"}
    with to_client(cors_origins=(APP,)) as client:
        asked = client.options("/graphql", headers=PREFLIGHT | origin)
        answer = client.post("/graphql", json=QUERY, headers=origin)
    assert asked.status_code == 400
    for each in (asked, answer):
        assert "access-control-allow-origin" not in each.headers


def test_every_origin_may_ask_where_that_is_set_but_without_cookies() -> None:
    with to_client(cors_origins=("*",)) as client:
        answer = client.post("/graphql", json=QUERY, headers={"origin": APP})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_cookies_of_a_named_origin_are_allowed_where_that_is_set() -> None:
    with to_client(cors_origins=(APP,), cors_credentials=True) as client:
        answer = client.options("/graphql", headers=PREFLIGHT)
    assert answer.headers["access-control-allow-credentials"] == "true"


def test_cookies_of_every_origin_cannot_be_set() -> None:
    with pytest.raises(SettingsError, match=r"GATEWAY_CORS_CREDENTIALS: .*every site"):
        read_settings(cors_origins="*", cors_credentials=True)


@pytest.mark.parametrize(
    "origin", ["app.example.com", f"{APP}/", "https://App.example.com", "null", "*.com"]
)
def test_what_no_browser_writes_is_no_origin(origin: str) -> None:
    with pytest.raises(SettingsError, match=r"GATEWAY_CORS_ORIGINS: .*is no origin"):
        read_settings(cors_origins=origin)


def test_no_other_site_may_read_the_page_which_may_hold_credentials() -> None:
    headers = {"origin": APP, "accept": "text/html"}
    with to_client(cors_origins=("*",), headers=headers) as client:
        answer = client.get("/graphql")
    assert answer.headers["content-type"].startswith("text/html")
    assert "access-control-allow-origin" not in answer.headers


def test_an_answer_to_another_site_has_the_security_headers() -> None:
    with to_client(cors_origins=(APP,), headers=KEY) as client:
        answer = client.options("/graphql", headers=PREFLIGHT)
    assert answer.headers["x-content-type-options"] == "nosniff"
