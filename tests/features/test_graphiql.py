"""GraphiQL in a browser: credentials, a query with its rows, the docs."""

import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from graphql import build_schema, graphql_sync
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.web.graphiql import (
    GraphiqlAccount,
    GraphiqlDefaults,
    asset_routes,
    page_response,
    prefers_html,
    read_page,
)
from tests.browser import Visit, open_browser, open_visit

QUERY = "{ jobs(first: 3) { totalCount nodes { jobIdentifier status } } }"
API_KEY = "gw_demo.5ecret5ecret5ecret"
SCHEMA = build_schema('''
    """The root of all queries."""
    type Query {
      "Jobs of the account, newest first."
      jobs("Jobs in a page." first: Int): JobConnection!
    }
    type JobConnection { totalCount: Int! nodes: [Job!]! }
    type Job { jobIdentifier: String! status: String! }
''')
ROWS = [
    {"jobIdentifier": "9d0e1c5a-01", "status": "RUNNING"},
    {"jobIdentifier": "9d0e1c5a-02", "status": "COMPLETED"},
    {"jobIdentifier": "9d0e1c5a-03", "status": "FAILED"},
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A gateway that answers, and a key that it takes."""

    url: str
    api_key: str


@contextmanager
def serve(defaults: GraphiqlDefaults | None) -> Iterator[Served]:
    page = read_page(defaults)

    async def answer(request: Request) -> Response:
        if prefers_html(request):
            return page_response(page)
        if request.headers.get("x-api-key") != API_KEY:
            error = {"message": "no credential, or a bad one"}
            return JSONResponse({"errors": [error]}, status_code=401)
        root = {"jobs": {"totalCount": 3, "nodes": ROWS}}
        result = graphql_sync(SCHEMA, (await request.json())["query"], root)
        return JSONResponse(result.formatted)

    endpoint = Route("/graphql", answer, methods=["GET", "POST"])
    app = Starlette(routes=[*asset_routes(), endpoint])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, lifespan="off", ws="none", log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        port = listener.getsockname()[1]
        yield Served(url=f"http://127.0.0.1:{port}/graphql", api_key=API_KEY)
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def demo() -> Iterator[Served]:
    """A gateway whose page has a credential filled in."""
    account = GraphiqlAccount(name="acme", api_key=API_KEY, jwt="eyJ.demo.token")
    with serve(GraphiqlDefaults(accounts=(account,), job_identifier="x")) as served:
        yield served


@pytest.fixture(scope="module")
def gateway() -> Iterator[Served]:
    """A gateway whose page has no credential filled in."""
    with serve(None) as served:
        yield served


@pytest.fixture(scope="module")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:  # noqa: ARG001 -- runs it
    async with open_browser() as opened:
        yield opened


@pytest.fixture
async def visit(browser: Browser, demo: Served) -> AsyncIterator[Visit]:
    """A first visit to the demo's page."""
    async with open_visit(browser, demo.url) as opened:
        yield opened


async def run_query(page: Page, text: str) -> None:
    await add_tab(page)
    await write(page, "Operation Editor", text)
    await page.get_by_role("button", name="Execute query").click()


async def add_tab(page: Page) -> None:
    # Typed before the editor knows the language, brackets would not pair as they do for
    # people; matched brackets of the first example are coloured once it does.
    editor = page.get_by_role("region", name="Operation Editor")
    await editor.locator("[class*=bracket-highlighting]").first.wait_for()
    await page.get_by_role("button", name="New tab").click()


async def write(page: Page, editor: str, text: str) -> None:
    region = page.get_by_role("region", name=editor)
    await region.locator(".monaco-editor:visible").click()
    await page.keyboard.type(text)


async def expect_rows(page: Page) -> None:
    keys = page.locator(".graphiql-response .view-line", has_text="jobIdentifier")
    await expect(keys).to_have_count(3)


async def read_storage(page: Page) -> str:
    script = "JSON.stringify([{...localStorage}, {...sessionStorage}])"
    stored: str = await page.evaluate(script)
    return stored


async def test_a_typed_query_shows_its_rows(visit: Visit) -> None:
    await run_query(visit.page, QUERY)
    await expect_rows(visit.page)


async def test_the_docs_panel_explains_the_schema(visit: Visit) -> None:
    docs = visit.page.locator(".graphiql-plugin")
    await docs.get_by_role("link", name="Query").click()
    await docs.get_by_role("link", name="jobs").click()
    await expect(docs).to_contain_text("Jobs of the account, newest first.")


async def test_example_queries_are_in_tabs(visit: Visit) -> None:
    tabs = visit.page.locator("[id^=graphiql-session-tab-]")
    await expect(tabs).to_have_text(
        ["RecentJobs", "UsageLast30Days", "JobWithLogs", "JobsByStatusAndModel"]
    )


async def test_tabs_and_variables_outlive_a_reload(visit: Visit) -> None:
    page = visit.page
    for _ in range(2):
        variables = page.get_by_role("region", name="Variables")
        await expect(variables).to_contain_text('"first": 20')
        await expect(page.locator("[id^=graphiql-session-tab-]")).to_have_count(4)
        await page.reload()


async def test_the_page_keeps_to_its_origin_and_policy(
    visit: Visit, demo: Served
) -> None:
    await run_query(visit.page, QUERY)
    await expect_rows(visit.page)
    assert visit.origins == {demo.url.removesuffix("/graphql")}
    assert visit.problems == []


async def test_the_key_stays_out_of_address_and_storage(
    visit: Visit, demo: Served
) -> None:
    await run_query(visit.page, QUERY)
    await expect_rows(visit.page)
    assert visit.page.url == demo.url
    assert demo.api_key not in await read_storage(visit.page)


async def test_a_key_in_the_headers_editor_is_used_and_not_stored(
    browser: Browser, gateway: Served
) -> None:
    async with open_visit(browser, gateway.url) as visit:
        page = visit.page
        await add_tab(page)
        await page.get_by_role("button", name="Headers").click()
        await write(page, "Headers", json.dumps({"X-Api-Key": gateway.api_key}))
        await write(page, "Operation Editor", QUERY)
        await page.get_by_role("button", name="Execute query").click()
        await expect_rows(page)
        stored = await read_storage(page)
    assert "totalCount" in stored
    assert gateway.api_key not in stored


async def test_a_typed_key_brings_the_docs(browser: Browser, gateway: Served) -> None:
    async with open_visit(browser, gateway.url) as visit:
        page = visit.page
        await expect(page.get_by_text("Enter a key or a JWT")).to_be_visible()
        await page.get_by_label("x-api-key", exact=True).fill(gateway.api_key)
        await expect(page.get_by_text("Connected")).to_be_visible()
        docs = page.locator(".graphiql-plugin")
        await expect(docs.get_by_role("link", name="Query")).to_be_visible()


async def test_a_refused_key_is_said_so(browser: Browser, gateway: Served) -> None:
    async with open_visit(browser, gateway.url) as visit:
        await visit.page.get_by_label("JWT", exact=True).fill("eyJ.wrong.token")
        refused = visit.page.get_by_text("Credential refused")
        await expect(refused).to_be_visible()
