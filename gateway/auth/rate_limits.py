"""Who asks, to how much of a rate is left to them.

A window begins with the first request and lasts as long as the rate says; then all of
it is there again. So it is known to the second when a client may go on.
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
from gateway.auth.rate_storage import Windows, close_storage, open_redis

# A storage that hangs must not hold requests up, and one that is away is left alone.
PATIENCE_S = 0.25
REST_S = 1.0
LOG_EVERY_S = 60.0
# Redis tells whole seconds, rounded.
ROUNDING_S = 0.5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How much of a rate somebody has used, counting the request it is told of.

    Attributes:
        name: Of the rate.
        window_s: How long the rate's window is.
        reset_in_s: Seconds until all of it is there again.
        reset_at_s: The instant of that, in seconds since 1970.
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
        """When it is worth a try again."""
        return max(1, math.ceil(self.reset_in_s * 1000))


class RateLimiter:
    """One rate, and who has used how much of it; lives as long as the process.

    Args:
        rate: Such as `600/minute`.
        name: What clients, and the log, call the rate.
        storage_url: A Redis server; None counts in this process.
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
            Windows(clock=clock)
            if storage_url is None
            else open_redis(storage_url.get_secret_value())
        )
        self.is_shared = storage_url is not None
        self.rests_until_s = -math.inf
        self.logs_from_s = -math.inf

    async def close(self) -> None:
        """Close the storage."""
        await close_storage(self.storage)

    async def count(self, client_id: str) -> Standing | None:
        """Count a request; None where nobody knows the count, and it may pass.

        Args:
            client_id: Whose request; no secret, for it is stored.
        """
        key = f"{self.prefix}/{client_id}"
        if not self.is_shared:
            return await self.take(key)
        if time.monotonic() < self.rests_until_s:
            return None
        limit = asyncio.timeout(PATIENCE_S)
        try:
            async with limit:
                return await self.take(key)
        except StorageError as exc:
            self.rest(str(exc))
        except TimeoutError:
            if not limit.expired():
                raise
            self.rest(f"no answer in {PATIENCE_S:g} s")
        return None

    async def take(self, key: str) -> Standing:
        """Count a request in the storage."""
        used = await self.storage.incr(key, self.window_s)
        ends_at_s = await self.storage.get_expiry(key)
        ends_at_s += ROUNDING_S if self.is_shared else 0
        return Standing(
            name=self.name,
            limit=self.item.amount,
            window_s=self.window_s,
            used=used,
            reset_in_s=max(0.0, ends_at_s - self.clock()),
            reset_at_s=ends_at_s,
        )

    def rest(self, reason: str) -> None:
        """Leave the storage alone for a moment, and say so now and then."""
        now_s = time.monotonic()
        self.rests_until_s = now_s + REST_S
        if now_s >= self.logs_from_s:
            self.logs_from_s = now_s + LOG_EVERY_S
            logger.warning(
                "requests pass without being counted: GATEWAY_RATE_LIMIT_STORAGE fails:"
                " %s",
                reason,
                extra={"event": "rate_limit_storage_failed", "limit": self.name},
            )


def to_client_id(principal: Principal) -> str:
    """Name whoever a credential stands for, the same for all of a person's tokens.

    A digest, because subjects may be addresses of people.
    """
    account = principal.own_account or principal.account
    parts = (principal.kind, account, principal.subject)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
