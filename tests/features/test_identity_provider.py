"""A real OpenID provider behind a real gateway: services, people, keys that change."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Page, expect

from tests.browser import open_browser, open_visit
from tests.features.gateways import Gateway, running_gateway
from tests.features.identity_providers import (
    RESOURCE,
    Provider,
    install_provider,
    make_jwk,
)

WHO = "{ viewer { accountIdentifier credential subject scopes } }"
FIRST, SECOND = make_jwk("first"), make_jwk("second", "ES256")


@pytest.fixture
async def provider(
    free_tcp_port_factory: Callable[[], int], tmp_path: Path
) -> Provider:
    """A provider that does not run yet, and the address of a gateway."""
    return Provider(
        folder=await install_provider(tmp_path / "provider"),
        port=free_tcp_port_factory(),
        gateway_port=free_tcp_port_factory(),
    )


@pytest.fixture
async def gateway(provider: Provider, sqlite_url: str) -> AsyncIterator[Gateway]:
    """A gateway that was started before the provider."""
    async with open_gateway(provider, sqlite_url) as running:
        yield running


@asynccontextmanager
async def open_gateway(provider: Provider, url: str) -> AsyncIterator[Gateway]:
    """Run a gateway that knows the address of the provider, and a client."""
    env = {
        "GATEWAY_DATABASE_URL": url,
        "GATEWAY_JWT_ISSUER": provider.issuer,
        "GATEWAY_JWT_AUDIENCE": RESOURCE,
        "GATEWAY_LOGIN_CLIENT_ID": "graphiql",
        "GATEWAY_LOGIN_SCOPES": "openid jobs:read",
        "GATEWAY_LOGIN_RESOURCE": RESOURCE,
    }
    port = str(provider.gateway_port)
    async with running_gateway("--port", port, env=env) as running:
        yield running


async def ask(gateway: Gateway, token: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=gateway.address) as client:
        return await client.post(
            "/graphql",
            json={"query": WHO},
            headers={"authorization": f"Bearer {token}"},
        )


async def status_of(gateway: Gateway, token: str) -> int:
    return (await ask(gateway, token)).status_code


async def test_a_service_queries_with_the_token_of_its_credentials(
    provider: Provider, gateway: Gateway
) -> None:
    async with provider.running([FIRST]):
        answer = await ask(gateway, await provider.fetch_token())
    assert answer.json()["data"]["viewer"] == {
        "accountIdentifier": "acme",
        "credential": "JWT",
        "subject": "service",
        "scopes": ["jobs:read"],
    }


async def test_a_token_for_another_service_is_refused(
    provider: Provider, gateway: Gateway
) -> None:
    async with provider.running([FIRST]):
        token = await provider.fetch_token(resource="https://other.example.com")
        answer = await ask(gateway, token)
    assert answer.status_code == 401
    assert "for another audience" in answer.text


async def test_keys_that_change_need_no_restart_of_the_gateway(
    provider: Provider, gateway: Gateway
) -> None:
    async with provider.running([FIRST]):
        old = await provider.fetch_token()
        assert await status_of(gateway, old) == 200
    async with provider.running([SECOND, FIRST]):
        new = await provider.fetch_token()
        assert await status_of(gateway, new) == 200
        assert await status_of(gateway, old) == 200


async def test_a_provider_that_is_down_stops_no_token_of_a_known_key(
    provider: Provider, gateway: Gateway
) -> None:
    async with provider.running([FIRST]):
        token = await provider.fetch_token()
        assert await status_of(gateway, token) == 200
    async with provider.running([SECOND]):
        unknown = await provider.fetch_token()
    assert await status_of(gateway, unknown) == 401
    assert await status_of(gateway, token) == 200


async def test_before_the_provider_has_answered_its_tokens_cannot_be_judged(
    provider: Provider, sqlite_url: str
) -> None:
    async with provider.running([FIRST]):
        token = await provider.fetch_token()
    async with open_gateway(provider, sqlite_url) as gateway:
        answer = await ask(gateway, token)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@asynccontextmanager
async def logged_in(provider: Provider, gateway: Gateway) -> AsyncIterator[Page]:
    """Log in as a person does: a window, a name, a consent."""
    async with (
        provider.running([FIRST]),
        open_browser() as browser,
        open_visit(browser, f"{gateway.address}/graphql") as visit,
    ):
        async with visit.page.expect_popup() as opening:
            await visit.page.get_by_role("button", name="Log in").click()
        window = await opening.value
        await window.get_by_placeholder("Enter any login").fill("ada")
        await window.get_by_placeholder("and password").fill("any")
        await window.get_by_role("button", name="Sign-in").click()
        async with window.expect_event("close"):
            await window.get_by_role("button", name="Continue").click()
        yield visit.page


async def test_a_person_logs_in_with_a_browser_and_queries(
    provider: Provider, gateway: Gateway
) -> None:
    async with logged_in(provider, gateway) as page:
        await expect(page.get_by_text("Connected")).to_be_visible()
        await page.get_by_role("button", name="Execute query").click()
        await expect(page.locator(".graphiql-response")).to_contain_text('"nodes": []')
        token = await page.get_by_label("JWT", exact=True).input_value()
        viewer = (await ask(gateway, token)).json()["data"]["viewer"]
        stored = await page.evaluate(
            "JSON.stringify([{...localStorage}, {...sessionStorage}])"
        )
    assert (viewer["subject"], viewer["scopes"]) == ("ada", ["jobs:read"])
    assert token not in stored
    assert page.url == f"{gateway.address}/graphql"


async def test_a_login_that_was_not_begun_here_brings_no_token(
    provider: Provider, gateway: Gateway
) -> None:
    forged = f"{gateway.address}/graphql/login?state=forged&code=forged"
    async with (
        provider.running([FIRST]),
        open_browser() as browser,
        open_visit(browser, forged) as visit,
    ):
        status = visit.page.get_by_role("status")
        await expect(status).to_contain_text("this login was not begun here")
        assert visit.page.url == f"{gateway.address}/graphql/login"
        assert visit.origins == {gateway.address}
