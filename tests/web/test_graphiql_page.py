"""The GraphiQL page over HTTP, and which requests get it."""

import json
from html import unescape
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from gateway.web.accept import prefers_html
from gateway.web.graphiql import (
    EXPLORER,
    GraphiqlAccount,
    GraphiqlDefaults,
    asset_routes,
    render_graphiql,
    to_page_response,
)

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
EXAMPLES = sorted((EXPLORER / "src" / "examples").glob("*.graphql"))
SCHEMA = Path(__file__).parents[2] / "schema.graphql"
INDEX = '<meta name="graphiql-defaults" content="{{graphiql-defaults}}"><p>built</p>'


def to_client(folder: Path, defaults: GraphiqlDefaults | None = None) -> TestClient:
    page = render_graphiql(defaults, folder=folder)

    async def graphql(request: Request) -> Response:
        return to_page_response(page) if prefers_html(request) else JSONResponse({})

    endpoint = Route("/graphql", graphql, methods=["GET", "POST"])
    return TestClient(Starlette(routes=[*asset_routes(folder=folder), endpoint]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-1a2b3c.js").write_text("export {}")
    (tmp_path / "index.html").write_text(INDEX)
    return tmp_path


@pytest.mark.parametrize(
    "accept",
    [
        pytest.param(BROWSER, id="browser"),
        pytest.param("text/html", id="html only"),
        pytest.param("text/*, application/json;q=0.9", id="any text first"),
        pytest.param("Text/HTML;Q=0.5, application/json;q=0.4", id="capitals"),
        pytest.param("text/html, application/json;q=x", id="broken weight"),
    ],
)
def test_a_browser_gets_the_page(folder: Path, accept: str) -> None:
    response = to_client(folder).get("/graphql", headers={"accept": accept})
    assert response.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "accept",
    [
        pytest.param("*/*", id="anything"),
        pytest.param("", id="empty"),
        pytest.param("application/json", id="json"),
        pytest.param("text/html;q=0.5, application/json", id="json first"),
        pytest.param("text/html, application/graphql-response+json", id="equal"),
        pytest.param("text/html;q=0, */*", id="html refused"),
    ],
)
def test_other_clients_get_json(folder: Path, accept: str) -> None:
    response = to_client(folder).get("/graphql", headers={"accept": accept})
    assert response.json() == {}


def test_a_browser_with_a_query_in_the_address_gets_its_answer(folder: Path) -> None:
    response = to_client(folder).get(
        "/graphql", params={"query": "{ __typename }"}, headers={"accept": BROWSER}
    )
    assert response.json() == {}


def test_a_post_is_never_answered_with_the_page(folder: Path) -> None:
    response = to_client(folder).post("/graphql", headers={"accept": BROWSER})
    assert response.json() == {}


def test_the_policy_allows_no_inline_script(folder: Path) -> None:
    response = to_client(folder).get("/graphql", headers={"accept": BROWSER})
    policy = response.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'"} <= set(policy)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("vary", "Accept"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ],
)
def test_the_page_has_the_headers_that_protect_it(
    folder: Path, name: str, value: str
) -> None:
    response = to_client(folder).get("/graphql", headers={"accept": BROWSER})
    assert response.headers[name] == value


def test_defaults_reach_the_page_in_an_attribute(folder: Path) -> None:
    account = GraphiqlAccount(name='"><script>', api_key="gw_1.secret", jwt="e.y.J")
    page = render_graphiql(GraphiqlDefaults(accounts=(account,)), folder=folder)
    content = page.partition('content="')[2].partition('">')[0]
    assert json.loads(unescape(content))["accounts"] == [
        {"name": '"><script>', "apiKey": "gw_1.secret", "jwt": "e.y.J"}
    ]


def test_a_page_without_defaults_holds_no_credential(folder: Path) -> None:
    page = render_graphiql(folder=folder)
    content = page.partition('content="')[2].partition('">')[0]
    assert json.loads(unescape(content))["accounts"] == []


def test_files_of_the_page_are_kept_for_good(folder: Path) -> None:
    response = to_client(folder).get("/graphql/assets/index-1a2b3c.js")
    assert response.text == "export {}"
    assert response.headers["cache-control"].endswith("immutable")


def test_a_file_that_is_not_there_is_not_found(folder: Path) -> None:
    response = to_client(folder).get("/graphql/assets/../index.html")
    assert response.status_code == 404


def test_a_package_without_the_build_says_how_to_build(tmp_path: Path) -> None:
    response = to_client(tmp_path).get("/graphql", headers={"accept": BROWSER})
    assert response.status_code == 200
    assert "npm run build" in response.text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_queries_fit_the_schema(example: Path) -> None:
    schema = build_schema(SCHEMA.read_text(encoding="utf-8"))
    assert validate(schema, parse(example.read_text(encoding="utf-8"))) == []
