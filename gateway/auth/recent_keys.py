"""Caches API keys briefly, so that not every request reads its own."""

import time
from collections import OrderedDict
from collections.abc import Callable

from gateway.store.keys import ApiKeyRecord

MAX_KEYS = 10_000
MAX_AGE_S = 2.0


class RecentKeys:
    """A bounded cache by digest, whose entries expire after two seconds.

    Only keys that matched as a whole are cached, so wrong ones cannot fill it. A key
    revoked through any replica is soon refused by all.
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
        # In order of insertion, and so of expiry.
        self.entries: OrderedDict[bytes, tuple[ApiKeyRecord, float]] = OrderedDict()

    def get(self, digest: bytes) -> ApiKeyRecord | None:
        """Look up a key; None where it is not cached, or has expired."""
        record, read_at_s = self.entries.get(digest, (None, 0.0))
        is_recent = self.clock() - read_at_s < self.max_age_s
        return record if is_recent else None

    def put(self, record: ApiKeyRecord, *, read_at_s: float) -> None:
        """Cache a key.

        Args:
            record: A key that matched as a whole.
            read_at_s: The clock's time before it was read.
        """
        self.entries.pop(record.digest, None)
        self.entries[record.digest] = (record, read_at_s)
        while len(self.entries) > self.max_keys:
            self.entries.popitem(last=False)
