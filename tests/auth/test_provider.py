import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.auth.provider import RETRY_S, IdentityProvider
from gateway.errors import (
    OverloadedError,
    SettingsError,
    UnauthenticatedError,
    UpstreamError,
)
from tests.auth.jwks import to_jwk

ISSUER = "https://id.example.com"
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = KEY.public_key()


@dataclass(kw_only=True)
class FakeSite:
    """Gives a provider's documents, and counts how often."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [to_jwk(KEY)])
    is_down: bool = False
    looks: int = 0
    misses: int = 0
    now_s: float = 0.0

    async def fetch(self, url: str) -> dict[str, Any]:
        await asyncio.sleep(0)
        if self.is_down:
            self.misses += 1
            raise UpstreamError(f"{url} cannot be read")
        if url.endswith("/keys"):
            return {"keys": self.keys}
        self.looks += 1
        return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}


def to_provider(site: FakeSite) -> IdentityProvider:
    return IdentityProvider(
        ISSUER, refresh_s=300, fetch=site.fetch, clock=lambda: site.now_s
    )


async def test_a_key_is_fetched_once_and_then_known() -> None:
    site = FakeSite()
    provider = to_provider(site)
    for _ in range(3):
        assert await provider.find_key("first", "ES256") == PUBLIC
    assert site.looks == 1


async def test_an_unknown_key_is_looked_for_again() -> None:
    site = FakeSite()
    provider = to_provider(site)
    await provider.refresh()
    site.keys = [to_jwk(KEY, kid="second")]
    assert await provider.find_key("second", "ES256") == PUBLIC
    with pytest.raises(UnauthenticatedError, match="its issuer does not publish"):
        await provider.find_key("first", "ES256")


async def test_tokens_of_unknown_keys_bring_few_looks() -> None:
    site = FakeSite()
    provider = to_provider(site)
    for _ in range(100):
        with pytest.raises(UnauthenticatedError):
            await provider.find_key("unknown", "ES256")
    assert site.looks == 4
    site.now_s = 5.0
    with pytest.raises(UnauthenticatedError):
        await provider.find_key("unknown", "ES256")
    assert site.looks == 5


async def test_all_who_wait_for_a_look_share_it() -> None:
    site = FakeSite()
    provider = to_provider(site)
    keys = await asyncio.gather(
        *(provider.find_key("first", "ES256") for _ in range(20))
    )
    assert (len(set(map(id, keys))), site.looks) == (1, 1)


async def test_a_look_goes_on_when_one_who_waits_is_cancelled() -> None:
    provider = to_provider(FakeSite())
    waiting = asyncio.create_task(provider.find_key("first", "ES256"))
    other = asyncio.create_task(provider.find_key("first", "ES256"))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await other == PUBLIC


async def test_a_provider_that_is_down_takes_no_known_key_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = FakeSite()
    provider = to_provider(site)
    assert await provider.refresh_later() == 300
    site.is_down = True
    assert await provider.refresh_later() == RETRY_S
    assert await provider.find_key("first", "ES256") == PUBLIC
    (line,) = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert "the identity provider is not available: https://id" in line.getMessage()


async def test_before_the_first_answer_nobody_can_tell() -> None:
    site = FakeSite(is_down=True)
    provider = to_provider(site)
    with pytest.raises(OverloadedError, match="the identity provider does not answer"):
        await provider.find_key("first", "ES256")
    assert site.misses == 1
    with pytest.raises(OverloadedError):
        await provider.read()
    site.is_down = False
    for _ in range(2):
        assert (await provider.read()).metadata.issuer == ISSUER
    assert site.looks == 1


async def test_a_key_that_is_no_longer_published_is_forgotten() -> None:
    site = FakeSite()
    provider = to_provider(site)
    await provider.refresh()
    site.keys = []
    await provider.refresh()
    with pytest.raises(UnauthenticatedError):
        await provider.find_key("first", "ES256")


async def test_closing_ends_a_look() -> None:
    provider = to_provider(FakeSite())
    waiting = asyncio.create_task(provider.refresh())
    await asyncio.sleep(0)
    await provider.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await provider.close()


def test_an_issuer_without_an_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="GATEWAY_JWT_ISSUER is no address"):
        IdentityProvider("acme", refresh_s=300)
