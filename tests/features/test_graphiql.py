"""GraphiQL in a browser, on a real demo: credentials, queries with rows, the docs."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import Visit, open_browser, open_visit
from tests.features.gateways import running_demo, running_gateway

QUERY = "{ jobs(first: 3) { totalCount nodes { jobIdentifier status } } }"
TABS = ["RecentJobs", "UsageLast30Days", "JobWithLogs", "JobsByStatusAndModel"]
# What the answer to each example shows besides the names of its fields.
ANSWERS = {
    "RecentJobs": '"jobIdentifier"',
    "UsageLast30Days": '"lengthMs"',
    "JobWithLogs": '"Pulling image',
    "JobsByStatusAndModel": '"jobIdentifier"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A gateway that answers, and a key that it takes."""

    url: str
    api_key: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
async def demo(
    folder: Path,
    anyio_backend: str,  # noqa: ARG001 -- runs it
) -> AsyncIterator[Served]:
    """A gateway whose page has credentials filled in."""
    arguments = ("--jobs", "2000", "--folder", str(folder))
    async with running_demo(*arguments, env={}) as running:
        key = re.search(r"x-api-key: (\S+)", running.text)
        assert key is not None
        yield Served(url=f"{running.address}/graphql", api_key=key[1])


@pytest.fixture(scope="module")
async def gateway(demo: Served, folder: Path) -> AsyncIterator[Served]:
    """A gateway on the same database whose page has no credential filled in."""
    env = {"GATEWAY_DATABASE_URL": f"sqlite:///{folder / 'gateway.db'}"}
    async with running_gateway(env=env) as running:
        yield Served(url=f"{running.address}/graphql", api_key=demo.api_key)


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
    await execute(page)


async def add_tab(page: Page) -> None:
    await expect_ready(page)
    await page.get_by_role("button", name="New tab").click()


async def expect_ready(page: Page) -> None:
    # Typed before the editor knows the language, brackets would not pair as they do for
    # people; matched brackets of the first example are coloured once it does.
    editor = page.get_by_role("region", name="Operation Editor")
    await editor.locator("[class*=bracket-highlighting]").first.wait_for()


async def execute(page: Page) -> None:
    await page.get_by_role("button", name="Execute query").click()


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
    await expect(docs).to_contain_text("How much compute was used in a window of time.")
    await docs.get_by_role("link", name="jobs", exact=True).click()
    await expect(docs).to_contain_text("Jobs, a page at a time.")
    await expect(docs).to_contain_text("Null: the latest created first.")


async def test_example_queries_are_in_tabs(visit: Visit) -> None:
    tabs = visit.page.locator("[id^=graphiql-session-tab-]")
    await expect(tabs).to_have_text(TABS)


@pytest.mark.parametrize("name", TABS)
async def test_an_example_query_is_answered_without_errors(
    visit: Visit, name: str
) -> None:
    page = visit.page
    await expect_ready(page)
    await page.get_by_role("tab", name=name).click()
    await execute(page)
    response = page.locator(".graphiql-response")
    await expect(response).to_contain_text(ANSWERS[name])
    await expect(response).not_to_contain_text('"errors"')


async def test_tabs_and_variables_outlive_a_reload(visit: Visit) -> None:
    page = visit.page
    for _ in range(2):
        variables = page.get_by_role("region", name="Variables")
        await expect(variables).to_contain_text('"first": 20')
        await expect(page.locator("[id^=graphiql-session-tab-]")).to_have_count(4)
        await page.reload()


async def test_another_account_sees_its_own_jobs(visit: Visit) -> None:
    page = visit.page
    await run_query(page, "{ viewer { accountIdentifier } }")
    response = page.locator(".graphiql-response")
    await expect(response).to_contain_text('"acme"')
    await page.get_by_label("Account").select_option("globex")
    await execute(page)
    await expect(response).to_contain_text('"globex"')


async def test_a_token_is_sent_where_it_is_chosen(visit: Visit) -> None:
    page = visit.page
    await add_tab(page)
    await page.get_by_label("Send JWT").check()
    await write(page, "Operation Editor", "{ viewer { credential } }")
    await execute(page)
    await expect(page.locator(".graphiql-response")).to_contain_text('"JWT"')


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
        await execute(page)
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
