"""Where requests are counted: in this process, or in Redis for all replicas.

The memory storage of `limits` scans all windows on each count; this one does not.
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
class RateWindow:
    """A client's count, and the end of its window in seconds since 1970."""

    count: int
    ends_at_s: float


class FixedWindows(Storage):
    """Counts in bounded memory; all of its windows must be equally long.

    So the oldest ends first. Where there are too many, the oldest is dropped, and its
    client begins a new one.
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
        self.windows: OrderedDict[str, RateWindow] = OrderedDict()

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
            window = self.windows[key] = RateWindow(0, now + expiry)
        window.count += amount
        return window.count

    def drop_ended(self, now: float) -> None:
        """Drop ended windows, and the oldest where there are too many."""
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
    """Open a storage in Redis, which connects on first use.

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
    """Close a storage's connections."""
    if isinstance(storage, RedisStorage) and isinstance(storage.bridge, RedispyBridge):
        await storage.bridge.storage.aclose()
