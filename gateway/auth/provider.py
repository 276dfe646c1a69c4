"""The identity provider: what it publishes, fetched again as time goes by."""

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

# Looks that tokens of unknown keys give rise to, which anybody can send: one in so many
# seconds, and so many seconds' worth of them at once.
PAUSE_S = 5.0
BURST_S = 20.0
# Between two looks by itself while there is no answer.
RETRY_S = 10.0

NO_ANSWER = "the identity provider does not answer; try again"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a provider says of itself, and its keys."""

    metadata: ProviderMetadata
    keys: KeySet


class IdentityProvider:
    """Knows a provider's keys; what was known stays known until it answers anew.

    Args:
        issuer: Its address, exactly as in the claim `iss`.
        refresh_s: How long to wait between two looks.
        fetch: Gives the JSON object at an address.
        clock: In seconds, and never set back.

    Raises:
        SettingsError: Nothing can be fetched from the issuer.
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
        # Up to when the looks of the past have used up those that are allowed.
        self.used_until_s = clock()

    async def find_key(self, id: str | None, algorithm: JwtAlgorithm) -> PublicKey:
        """Find the key a token names, looking for it anew where it is not known.

        Raises:
            UnauthenticatedError: The provider does not publish it.
            OverloadedError: The provider has not answered since the process started.
        """
        key = self.known_key(id, algorithm)
        if key is None:
            await self.wish()
            key = self.known_key(id, algorithm)
        if key is not None:
            return key
        if self.published is None:
            raise OverloadedError(NO_ANSWER)
        raise UnauthenticatedError(
            "the token is signed with a key that its issuer does not publish"
        )

    def known_key(self, id: str | None, algorithm: JwtAlgorithm) -> PublicKey | None:
        """Find a key among those that are known."""
        published = self.published
        return None if published is None else published.keys.find(id, algorithm)

    async def read(self) -> Published:
        """Give what the provider publishes, as far as it is known.

        Raises:
            OverloadedError: It has not answered since the process started.
        """
        if self.published is None:
            await self.wish()
        if self.published is None:
            raise OverloadedError(NO_ANSWER)
        return self.published

    async def wish(self) -> None:
        """Look for something new, unless that was done a moment ago."""
        if self.refreshing is None:
            now_s = self.clock()
            if self.used_until_s - now_s > BURST_S - PAUSE_S:
                return
            self.used_until_s = max(self.used_until_s, now_s) + PAUSE_S
        await self.refresh()

    async def refresh(self) -> bool:
        """Look for something new, all who ask meanwhile together.

        Returns:
            Whether the provider answered.
        """
        if self.refreshing is None:
            self.refreshing = asyncio.create_task(self.fetch_published())
            self.refreshing.add_done_callback(self.forget)
        # The look goes on for the others when one of them is cancelled.
        return await asyncio.shield(self.refreshing)

    def forget(self, _: asyncio.Task[bool]) -> None:
        """Let the next look be a new one."""
        self.refreshing = None

    async def fetch_published(self) -> bool:
        """Fetch both documents; where one of them is wrong, nothing changes."""
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
        """Look for something new, and give the seconds until it is time again."""
        return self.refresh_s if await self.refresh() else RETRY_S

    async def close(self) -> None:
        """End a look that is under way."""
        if self.refreshing is not None:
            self.refreshing.cancel()
            await asyncio.wait([self.refreshing])
