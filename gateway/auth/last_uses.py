"""When API keys were last used: noted for each request, written once an hour."""

import logging
from datetime import datetime

from gateway.errors import DatabaseUnavailableError
from gateway.store.database import Database
from gateway.store.keys import ApiKeyRecord, put_last_uses

# A process that has more keys than these forgets some uses, not its memory.
MAX_KEYS = 10_000
PAUSE_S = 20.0

logger = logging.getLogger(__name__)


class LastUses:
    """Collects uses that the database does not know of."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.unwritten: dict[str, datetime] = {}

    def note(self, key: ApiKeyRecord, *, now: datetime) -> None:
        """Note that a key was used; its hour is all that is kept."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        is_known = key.last_used_at is not None and key.last_used_at >= hour
        if not is_known and len(self.unwritten) < MAX_KEYS:
            self.unwritten[key.prefix] = hour

    async def write(self) -> None:
        """Write what was noted; what cannot be written now is noted still."""
        uses = dict(self.unwritten)
        if not uses:
            return
        try:
            async with self.database.transaction() as conn:
                await put_last_uses(conn, uses)
        except DatabaseUnavailableError as exc:
            logger.info("last uses of keys are not written: %s", exc.message)
            return
        for prefix, hour in uses.items():
            if self.unwritten[prefix] == hour:
                del self.unwritten[prefix]

    async def write_later(self) -> float:
        """Write, and give the seconds until it is worth while again."""
        await self.write()
        return PAUSE_S
