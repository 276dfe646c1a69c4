"""Pages of other sites in a real browser: what they can have it do, and what not."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.settings import read_settings
from gateway.store.database import open_database
from tests.auth.signing import SECRET, make_token
from tests.browser import open_browser
from tests.databases import copy_sqlite
from tests.features.gateways import running_gateway
from tests.features.sites import FETCH, FORM, foreign_site

WHO = "{ viewer { accountIdentifier } }"
BODY = json.dumps({"query": WHO})
JSON = {"content-type": "application/json"}
# Same site as the gateway, and another: browsers send cookies to both their ways.
HOSTS = ["127.0.0.1", "localhost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A gateway, and a browser whose person is logged in there by the cookie.

    Attributes:
        foreign: Origins of other sites, by their hosts.
        key: An API key, for pages that are allowed to ask.
    """

    gateway: str
    foreign: dict[str, str]
    context: BrowserContext
    key: str

    async def open(self, url: str) -> Page:
        """Open a page."""
        page = await self.context.new_page()
        await page.goto(url)
        return page


@pytest.fixture(scope="module")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:  # noqa: ARG001 -- runs it
    async with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
async def web(
    browser: Browser,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Web]:
    """A gateway as it is where nothing is set."""
    url = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("web"))
    async with open_web(browser, url) as opened:
        yield opened


@asynccontextmanager
async def open_web(
    browser: Browser, url: str, *, allowed: str = "", credentials: str = "false"
) -> AsyncIterator[Web]:
    """Open it all; the pages of a host may ask where that is allowed."""
    async with AsyncExitStack() as stack:
        foreign = {
            host: await stack.enter_async_context(foreign_site(host)) for host in HOSTS
        }
        env = {
            "GATEWAY_DATABASE_URL": url,
            "GATEWAY_JWT_SECRET": SECRET,
            "GATEWAY_RATE_LIMIT": "1000/hour",
            "GATEWAY_CORS_ORIGINS": foreign.get(allowed, allowed),
            "GATEWAY_CORS_CREDENTIALS": credentials,
        }
        gateway = await stack.enter_async_context(running_gateway(env=env))
        context = await browser.new_context()
        stack.push_async_callback(context.close)
        # As lax as a cookie can be where there is no https.
        cookie = {"name": "jwt", "value": make_token(), "url": gateway.address}
        await context.add_cookies([cookie])  # type: ignore[list-item] # it is one
        yield Web(
            gateway=f"{gateway.address}/graphql",
            foreign=foreign,
            context=context,
            key=await make_key(url),
        )


async def make_key(url: str) -> str:
    database = open_database(read_settings(database_url=url))
    request = KeyRequest(account="acme", scopes=["jobs:read"])
    key = await issue_key(database, request)
    await database.close()
    return key.text


async def fetch(page: Page, url: str, **options: object) -> tuple[int, str]:
    """Ask as a script of the page does."""
    status, text = await page.evaluate(FETCH, [url, options])
    return status, text


def to_url(web: Web) -> str:
    return f"{web.gateway}?query={WHO}"


async def test_the_own_page_can_use_the_cookie(web: Web) -> None:
    page = await web.open(web.gateway)
    status, text = await fetch(
        page, web.gateway, method="POST", headers=JSON, body=BODY
    )
    assert (status, "acme" in text) == (200, True)
    preflight = {"apollo-require-preflight": "1"}
    status, text = await fetch(page, to_url(web), headers=preflight)
    assert (status, "acme" in text) == (200, True)


async def test_a_link_cannot_use_the_cookie(web: Web) -> None:
    page = await web.open(to_url(web))
    assert "UNAUTHENTICATED" in await page.content()


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("mode", ["cors", "no-cors"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_a_script_of_another_site_learns_nothing(
    web: Web, host: str, mode: str, method: str, kind: str
) -> None:
    page = await web.open(web.foreign[host])
    options: dict[str, object] = {"mode": mode, "credentials": "include"}
    if method == "POST":
        options |= {"body": BODY, "headers": {"content-type": kind}}
    before = await count_used(web)
    _, text = await fetch(page, to_url(web), method=method, **options)
    assert "acme" not in text
    # Not shown to the page, and not done either.
    assert await count_used(web) == before + 1


async def count_used(web: Web) -> int:
    """Ask, as whoever the cookie is of, how many requests there were, this one too."""
    headers = {"authorization": f"Bearer {make_token()}"}
    query = {"query": "{ viewer { rateLimit { limit remaining } } }"}
    async with httpx2.AsyncClient() as client:
        answer = await client.post(web.gateway, json=query, headers=headers)
    rate = answer.json()["data"]["viewer"]["rateLimit"]
    used: int = rate["limit"] - rate["remaining"]
    return used


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("GET", "application/x-www-form-urlencoded"),
        ("POST", "application/x-www-form-urlencoded"),
        ("POST", "text/plain"),
        ("POST", "multipart/form-data"),
    ],
)
async def test_a_form_of_another_site_does_nothing(
    web: Web, host: str, method: str, kind: str
) -> None:
    page = await web.open(web.foreign[host])
    async with page.expect_navigation() as going:
        await page.evaluate(FORM, [web.gateway, method, kind, WHO])
    answer = await going.value
    assert answer is not None
    assert answer.status in {401, 415}
    assert "acme" not in await answer.text()


@pytest.mark.parametrize("path", ["/graphql", "/graphql?query={a}", "/healthz"])
async def test_no_other_site_can_frame_an_answer(web: Web, path: str) -> None:
    page = await web.open(web.foreign["127.0.0.1"])
    address = web.gateway.removesuffix("/graphql") + path
    add = """(url) => new Promise((done) => {
      const frame = document.createElement("iframe");
      Object.assign(frame, { src: url, onload: done });
      document.body.append(frame);
    })"""
    await page.evaluate(f"(url) => ({add})(url).then(() => null)", address)
    assert page.frames[1].url == "chrome-error://chromewebdata/"


async def test_a_page_of_an_allowed_origin_asks_with_a_key(
    browser: Browser, sqlite_url: str
) -> None:
    async with open_web(browser, sqlite_url, allowed="localhost") as web:
        page = await web.open(web.foreign["localhost"])
        headers = JSON | {"x-api-key": web.key}
        status, text = await fetch(
            page, web.gateway, method="POST", headers=headers, body=BODY
        )
    assert (status, "acme" in text) == (200, True)


async def test_a_page_of_another_origin_than_the_allowed_cannot_ask_with_a_key(
    browser: Browser, sqlite_url: str
) -> None:
    async with open_web(browser, sqlite_url, allowed="localhost") as web:
        page = await web.open(web.foreign["127.0.0.1"])
        headers = JSON | {"x-api-key": web.key}
        answer = await fetch(
            page, web.gateway, method="POST", headers=headers, body=BODY
        )
    assert answer == (0, "blocked")


@pytest.mark.parametrize("allowed", ["127.0.0.1", "*"])
async def test_an_allowed_origin_has_the_cookie_only_where_that_is_set_too(
    browser: Browser, sqlite_url: str, allowed: str
) -> None:
    options = {"method": "POST", "headers": JSON, "body": BODY}
    async with open_web(browser, sqlite_url, allowed=allowed) as web:
        page = await web.open(web.foreign["127.0.0.1"])
        answer = await fetch(page, web.gateway, credentials="include", **options)
    assert answer == (0, "blocked")


async def test_an_allowed_origin_uses_the_cookie_where_that_is_set(
    browser: Browser, sqlite_url: str
) -> None:
    options = {"method": "POST", "headers": JSON, "body": BODY}
    async with open_web(
        browser, sqlite_url, allowed="127.0.0.1", credentials="true"
    ) as web:
        page = await web.open(web.foreign["127.0.0.1"])
        status, text = await fetch(page, web.gateway, credentials="include", **options)
    assert (status, "acme" in text) == (200, True)
