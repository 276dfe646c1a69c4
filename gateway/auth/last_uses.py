"""When API keys were last used: to the hour, collected in memory, then written."""

import logging
from datetime import datetime

from gateway.errors import DatabaseUnavailableError
from gateway.store.database import Database
from gateway.store.keys import ApiKeyRecord, put_last_uses

# Uses of further keys are not recorded, so that memory is bounded.
MAX_KEYS = 10_000
PAUSE_S = 20.0

logger = logging.getLogger(__name__)


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
