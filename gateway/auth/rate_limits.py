"""Rate limits, by fixed windows.

A client's window begins with its first request and lasts as long as the rate says; so
it is known to the second when the client may continue.
"""

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.errors import StorageError
from pydantic import SecretStr

from gateway.auth.principal import Principal
from gateway.auth.rate_storage import FixedWindows, close_storage, open_redis

# Requests wait for the storage so long, and then it is not used for PAUSE_S.
PATIENCE_S = 0.25
PAUSE_S = 1.0
LOG_EVERY_S = 60.0
# Redis gives whole seconds, rounded.
ROUNDING_S = 0.5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateUsage:
    """How much of a rate a client has used, this request included.

    Attributes:
        name: Of the rate.
        window_s: How long the rate's window is.
        reset_in_s: Seconds until the window ends.
        reset_at_s: When it ends, in seconds since 1970.
    """

    name: str
    limit: int
    window_s: int
    used: int
    reset_in_s: float
    reset_at_s: float

    @property
    def remaining(self) -> int:
        """Requests that are left."""
        return max(0, self.limit - self.used)

    @property
    def is_exceeded(self) -> bool:
        """Whether the request is one too many."""
        return self.used > self.limit

    @property
    def retry_after_ms(self) -> int:
        """When to try again."""
        return max(1, math.ceil(self.reset_in_s * 1000))


class RateLimiter:
    """Counts the requests of each client against one rate.

    Args:
        rate: Such as `600/minute`.
        name: What clients, and the log, call the rate.
        storage_url: A Redis server; None: count in this process.
        clock: Gives seconds since 1970.

    Raises:
        SettingsError: See `open_redis`.
    """

    def __init__(
        self,
        rate: str,
        *,
        name: str,
        storage_url: SecretStr | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.item: RateLimitItem = parse(rate)
        self.window_s = self.item.get_expiry()
        self.name = name
        self.prefix = self.item.key_for(name)
        self.clock = clock
        self.storage: Storage = (
            FixedWindows(clock=clock)
            if storage_url is None
            else open_redis(storage_url.get_secret_value())
        )
        self.is_shared = storage_url is not None
        self.paused_until_s = -math.inf
        self.logs_from_s = -math.inf

    async def close(self) -> None:
        """Close the storage."""
        await close_storage(self.storage)

    async def count(self, client_id: str) -> RateUsage | None:
        """Count a request; None where the storage fails, and the request may pass.

        Args:
            client_id: Whose request; no secret, because it is stored.
        """
        key = f"{self.prefix}/{client_id}"
        if not self.is_shared:
            return await self.increment(key)
        if time.monotonic() < self.paused_until_s:
            return None
        limit = asyncio.timeout(PATIENCE_S)
        try:
            async with limit:
                return await self.increment(key)
        except StorageError as exc:
            self.pause(str(exc))
        except TimeoutError:
            if not limit.expired():
                raise
            self.pause(f"no answer in {PATIENCE_S:g} s")
        return None

    async def increment(self, key: str) -> RateUsage:
        """Count a request in the storage."""
        used = await self.storage.incr(key, self.window_s)
        ends_at_s = await self.storage.get_expiry(key)
        ends_at_s += ROUNDING_S if self.is_shared else 0
        return RateUsage(
            name=self.name,
            limit=self.item.amount,
            window_s=self.window_s,
            used=used,
            reset_in_s=max(0.0, ends_at_s - self.clock()),
            reset_at_s=ends_at_s,
        )

    def pause(self, reason: str) -> None:
        """Do not use the storage for a moment, and log that now and then."""
        now_s = time.monotonic()
        self.paused_until_s = now_s + PAUSE_S
        if now_s >= self.logs_from_s:
            self.logs_from_s = now_s + LOG_EVERY_S
            logger.warning(
                "requests pass without being counted: GATEWAY_RATE_LIMIT_STORAGE fails:"
                " %s",
                reason,
                extra={"event": "rate_limit_storage_failed", "limit": self.name},
            )


def to_client_id(principal: Principal) -> str:
    """Identify a client, the same for all tokens of a subject.

    A digest, because subjects may be people's addresses.
    """
    account = principal.own_account or principal.account
    parts = (principal.kind, account, principal.subject)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
