"""API keys that were found a moment ago, so that not every request asks for its own."""

import time
from collections import OrderedDict
from collections.abc import Callable

from gateway.store.keys import ApiKeyRecord

MAX_KEYS = 10_000
MAX_AGE_S = 2.0


class RecentKeys:
    """A bounded cache by digest; an entry is trusted for two seconds.

    Only keys whose whole text matched are put here. So wrong ones cannot fill it, and
    a key revoked through any replica is forgotten by all.
    """

    def __init__(
        self,
        *,
        max_keys: int = MAX_KEYS,
        max_age_s: float = MAX_AGE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_keys = max_keys
        self.max_age_s = max_age_s
        self.clock = clock
        # All live equally long, so the first in is the first to expire.
        self.entries: OrderedDict[bytes, tuple[ApiKeyRecord, float]] = OrderedDict()

    def get(self, digest: bytes) -> ApiKeyRecord | None:
        """Give the key of a digest, if it was read recently enough."""
        record, read_at_s = self.entries.get(digest, (None, 0.0))
        is_recent = self.clock() - read_at_s < self.max_age_s
        return record if is_recent else None

    def put(self, record: ApiKeyRecord, *, read_at_s: float) -> None:
        """Remember a key.

        Args:
            record: A key whose whole text matched.
            read_at_s: What the clock said before it was read.
        """
        self.entries.pop(record.digest, None)
        self.entries[record.digest] = (record, read_at_s)
        while len(self.entries) > self.max_keys:
            self.entries.popitem(last=False)
