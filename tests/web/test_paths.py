"""Paths with a slash at their end are answered as without it, and lead nowhere else."""

import json

import pytest
from starlette.testclient import TestClient

from gateway.web.graphiql import BUILD
from tests.web.fakes import KEY, to_client

QUERY = {"query": "{ viewer { account } }"}
PATHS = ["/graphql", "/healthz", "/readyz", "/openapi.json", "/v1/api/user", "/nowhere"]
VOLATILE = {"x-request-id"}


def to_answer(client: TestClient, method: str, path: str) -> object:
    """Give status, headers and body, apart from what differs by request."""
    body = json.dumps(QUERY) if method == "POST" else None
    headers = {"content-type": "application/json", "host": "evil.example"}
    answer = client.request(method, path, content=body, headers=headers)
    kept = {k: v for k, v in answer.headers.items() if k not in VOLATILE}
    return answer.status_code, kept, answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("credential", [KEY, {}], ids=["key", "nobody"])
def test_a_slash_at_the_end_changes_nothing(
    method: str, path: str, credential: dict[str, str]
) -> None:
    with to_client(headers=credential) as client:
        plain = to_answer(client, method, path)
        assert to_answer(client, method, f"{path}/") == plain
        assert to_answer(client, method, f"{path}//") == plain


@pytest.mark.parametrize("path", [*PATHS, "/graphql/", "/graphql/x"])
def test_no_path_leads_to_the_host_of_the_request(path: str) -> None:
    with to_client(headers=KEY | {"host": "evil.example"}) as client:
        answer = client.get(f"{path}/")
    assert "location" not in answer.headers
    assert "evil" not in json.dumps(dict(answer.headers))


@pytest.mark.skipif(not BUILD.is_dir(), reason="the page is not built")
def test_the_page_has_its_files_where_it_is_opened_with_a_slash() -> None:
    asset = next(each.name for each in (BUILD / "assets").iterdir())
    with to_client() as client:
        page = client.get("/graphql/", headers={"accept": "text/html"})
        part = client.get(f"/graphql/graphql/assets/{asset}")
        beyond = client.get(f"/graphql/graphql/graphql/assets/{asset}")
    assert "graphql/assets/" in page.text
    assert (part.status_code, beyond.status_code) == (200, 404)


# What looks like an address and is none, or cannot be parsed at all.
TEXTS = ["[", "]", "[1:2]", "[::::]", "[1.2.3.4]", "a b", "[::1", "a@b[", "a:99999"]


@pytest.mark.parametrize("host", TEXTS)
@pytest.mark.parametrize(
    "path", ["/graphql", "/nowhere", "/.well-known/oauth-protected-resource", "/api/x"]
)
def test_no_host_is_an_unexpected_error(host: str, path: str) -> None:
    with to_client(headers={"host": host}) as client:
        answer = client.get(path)
    assert 400 <= answer.status_code < 500 or "resource" in answer.json()
    assert "[1:2]" not in answer.headers.get("www-authenticate", "")


@pytest.mark.parametrize("text", [*TEXTS, "[::1]:x", "\N{ACCOUNT OF}.com"])
@pytest.mark.parametrize("scheme", ["", "http://", "//"])
def test_no_origin_is_an_unexpected_error(scheme: str, text: str) -> None:
    headers = [(b"cookie", b"jwt=a.b.c"), (b"origin", (scheme + text).encode())]
    with to_client(headers={}) as client:
        answer = client.post("/graphql", json=QUERY, headers=headers)
    assert answer.status_code == 401
    assert "another site" in answer.json()["errors"][0]["message"]
