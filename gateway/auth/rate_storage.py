"""Where requests are counted: in this process, or in Redis for all replicas.

The package's own storage in memory looks at every window on each count, and this one
at none but its own.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from limits.aio.storage import RedisStorage, Storage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.errors import ConfigurationError
from typing_extensions import override

from gateway.errors import SettingsError

MAX_WINDOWS = 100_000


@dataclass(slots=True)
class Window:
    """What was counted up to an instant, in seconds since 1970."""

    count: int
    ends_at_s: float


class Windows(Storage):
    """Counts in memory, bounded; all of its windows must be equally long.

    So the first in is the first to end. One that is dropped before, because there are
    too many, begins anew.
    """

    STORAGE_SCHEME = None

    def __init__(
        self,
        *,
        max_windows: int = MAX_WINDOWS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.max_windows = max_windows
        self.clock = clock
        self.windows: OrderedDict[str, Window] = OrderedDict()

    @property
    @override
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    @override
    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = self.clock()
        window = self.windows.get(key)
        if window is None or window.ends_at_s <= now:
            self.windows.pop(key, None)
            self.drop_ended(now)
            window = self.windows[key] = Window(0, now + expiry)
        window.count += amount
        return window.count

    def drop_ended(self, now: float) -> None:
        """Make room for one more window."""
        windows = self.windows
        while windows:
            oldest = next(iter(windows.values()))
            if oldest.ends_at_s > now and len(windows) < self.max_windows:
                return
            windows.popitem(last=False)

    @override
    async def get(self, key: str) -> int:
        window = self.windows.get(key)
        is_open = window is not None and window.ends_at_s > self.clock()
        return window.count if window is not None and is_open else 0

    @override
    async def get_expiry(self, key: str) -> float:
        window = self.windows.get(key)
        return self.clock() if window is None else window.ends_at_s

    @override
    async def clear(self, key: str) -> None:
        self.windows.pop(key, None)

    @override
    async def check(self) -> bool:
        return True

    @override
    async def reset(self) -> int:
        count = len(self.windows)
        self.windows.clear()
        return count


def open_redis(url: str) -> RedisStorage:
    """Open a storage in Redis; it connects when it is first used.

    Raises:
        SettingsError: The client for Redis is not installed, or the address is wrong.
    """
    try:
        return RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="job-gateway",
        )
    except ConfigurationError as exc:
        raise SettingsError(
            "GATEWAY_RATE_LIMIT_STORAGE needs the package redis; install"
            " 'job-gateway[redis]'"
        ) from exc
    except ValueError as exc:
        raise SettingsError(
            "GATEWAY_RATE_LIMIT_STORAGE: no address of a Redis server; a right one is"
            " 'redis://localhost:6379/0'"
        ) from exc


async def close_storage(storage: Storage) -> None:
    """Close what a storage has open."""
    if isinstance(storage, RedisStorage) and isinstance(storage.bridge, RedispyBridge):
        await storage.bridge.storage.aclose()
