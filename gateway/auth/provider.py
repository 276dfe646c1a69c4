"""The identity provider: its endpoints and keys, refreshed periodically."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from gateway.auth.discovery import (
    ProviderMetadata,
    check_issuer,
    parse_metadata,
    to_discovery_url,
)
from gateway.auth.key_sets import KeySet, parse_key_set
from gateway.auth.provider_http import fetch_document
from gateway.auth.token_rules import PublicKey
from gateway.errors import OverloadedError, UnauthenticatedError, UpstreamError
from gateway.setting_texts import JwtAlgorithm

Fetch = Callable[[str], Awaitable[dict[str, Any]]]

# Limits refreshes for an unknown `kid`, which anybody can send: on average one in
# PAUSE_S, and at most BURST_S worth of them at once.
PAUSE_S = 5.0
BURST_S = 20.0
# Between two periodic refreshes while there is no answer.
RETRY_S = 10.0

NO_ANSWER = "the identity provider does not answer; try again"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A provider's endpoints and keys."""

    metadata: ProviderMetadata
    keys: KeySet


class IdentityProvider:
    """Caches a provider's keys, until it answers anew.

    Args:
        issuer: Its address, exactly as in the claim `iss`.
        refresh_s: Seconds between two periodic refreshes.
        fetch: Fetches the JSON object at an address.
        clock: A monotonic clock, in seconds.

    Raises:
        SettingsError: The issuer is no address to fetch from.
    """

    def __init__(
        self,
        issuer: str,
        *,
        refresh_s: float,
        fetch: Fetch = fetch_document,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_issuer(issuer)
        self.issuer = issuer
        self.refresh_s = refresh_s
        self.fetch = fetch
        self.clock = clock
        self.published: Published | None = None
        self.refreshing: asyncio.Task[bool] | None = None
        # Each refresh on demand moves this on by PAUSE_S; see `refresh_on_demand`.
        self.used_until_s = clock()

    async def find_key(self, id: str | None, algorithm: JwtAlgorithm) -> PublicKey:
        """Find the key that a token names, refreshing where it is unknown.

        Raises:
            UnauthenticatedError: The provider does not publish it.
            OverloadedError: The provider has not answered since the process started.
        """
        key = self.find_cached_key(id, algorithm)
        if key is None:
            await self.refresh_on_demand()
            key = self.find_cached_key(id, algorithm)
        if key is not None:
            return key
        if self.published is None:
            raise OverloadedError(NO_ANSWER)
        raise UnauthenticatedError(
            "the token is signed with a key that its issuer does not publish"
        )

    def find_cached_key(
        self, id: str | None, algorithm: JwtAlgorithm
    ) -> PublicKey | None:
        """Look up a key in the cache."""
        published = self.published
        return None if published is None else published.keys.find(id, algorithm)

    async def read(self) -> Published:
        """Give the provider's endpoints and keys.

        Raises:
            OverloadedError: It has not answered since the process started.
        """
        if self.published is None:
            await self.refresh_on_demand()
        if self.published is None:
            raise OverloadedError(NO_ANSWER)
        return self.published

    async def refresh_on_demand(self) -> None:
        """Refresh, unless that was done too often."""
        if self.refreshing is None:
            now_s = self.clock()
            if self.used_until_s - now_s > BURST_S - PAUSE_S:
                return
            self.used_until_s = max(self.used_until_s, now_s) + PAUSE_S
        await self.refresh()

    async def refresh(self) -> bool:
        """Refresh, once for all concurrent callers.

        Returns:
            Whether the provider answered.
        """
        if self.refreshing is None:
            self.refreshing = asyncio.create_task(self.fetch_published())
            self.refreshing.add_done_callback(self.end_refresh)
        # It goes on for the other callers when one of them is cancelled.
        return await asyncio.shield(self.refreshing)

    def end_refresh(self, _: asyncio.Task[bool]) -> None:
        """Let the next refresh be a new one."""
        self.refreshing = None

    async def fetch_published(self) -> bool:
        """Fetch both documents; where one of them fails, the cache is unchanged."""
        try:
            document = await self.fetch(to_discovery_url(self.issuer))
            metadata = parse_metadata(document, self.issuer)
            keys = parse_key_set(await self.fetch(metadata.jwks_uri))
        except UpstreamError as exc:
            logger.warning("the identity provider is not available: %s", exc.message)
            return False
        self.published = Published(metadata=metadata, keys=keys)
        return True

    async def refresh_later(self) -> float:
        """Refresh, and return the seconds until the next periodic refresh."""
        return self.refresh_s if await self.refresh() else RETRY_S

    async def close(self) -> None:
        """Cancel a refresh in progress."""
        if self.refreshing is not None:
            self.refreshing.cancel()
            await asyncio.wait([self.refreshing])
