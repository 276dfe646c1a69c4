"""API keys in use: cached for two seconds, and the hours in which they were used."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from gateway.errors import DatabaseUnavailableError
from gateway.store.database import Database
from gateway.store.keys import ApiKeyRecord, put_last_uses

# Neither further keys are cached nor their uses recorded, so that memory is bounded.
MAX_KEYS = 10_000
MAX_AGE_S = 2.0
PAUSE_S = 20.0

logger = logging.getLogger(__name__)


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


class LastUses:
    """Collects uses that are not written yet."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.unwritten: dict[str, datetime] = {}

    def note(self, key: ApiKeyRecord, *, now: datetime) -> None:
        """Note the hour in which a key was used."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        is_known = key.last_used_at is not None and key.last_used_at >= hour
        if not is_known and len(self.unwritten) < MAX_KEYS:
            self.unwritten[key.prefix] = hour

    async def write(self) -> float:
        """Write the collected uses, keeping them where that fails.

        Returns:
            The seconds until the next write.
        """
        uses = dict(self.unwritten)
        if not uses:
            return PAUSE_S
        try:
            async with self.database.transaction() as conn:
                await put_last_uses(conn, uses)
        except DatabaseUnavailableError as exc:
            logger.info("last uses of keys are not written: %s", exc.message)
            return PAUSE_S
        for prefix, hour in uses.items():
            if self.unwritten[prefix] == hour:
                del self.unwritten[prefix]
        return PAUSE_S
