"""The lease on an upstream, so that one process reads it; it expires unless renewed."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.errors import DatabaseUnavailableError
from gateway.store.database import Database
from gateway.store.upstreams import UpstreamKey, release_lease, take_lease

# Renewals within a lease's length, so that one may fail.
RENEWALS_PER_LEASE = 3

logger = logging.getLogger(__name__)


def to_owner() -> str:
    """Identify this process, and this one lease of it."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The lease on one upstream.

    Where the clocks of two machines differ by more than its length, they take it from
    each other. Each write checks the owner in its own transaction, so that this costs
    time alone.
    """

    database: Database
    key: UpstreamKey
    length_s: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    owner: str = field(default_factory=to_owner)

    async def take(self) -> bool:
        """Take or renew it, unless another process has it.

        Raises:
            DatabaseUnavailableError: The store cannot be reached.
        """
        async with self.turn, self.database.transaction() as conn:
            now = datetime.now(UTC)
            until = now + timedelta(seconds=self.length_s)
            return await take_lease(
                conn, self.key, owner=self.owner, now=now, until=until
            )

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Within the block, renew it; at the end, release it."""
        task = asyncio.create_task(self.renew())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            await self.release()

    async def renew(self) -> None:
        """Renew it until another process has it."""
        while True:
            await asyncio.sleep(self.length_s / RENEWALS_PER_LEASE)
            try:
                is_held = await self.take()
            except DatabaseUnavailableError as exc:
                logger.info("%s: the lease is not renewed: %s", self.key.name, exc)
                continue
            if not is_held:
                logger.warning("%s: another process has taken over", self.key.name)
                return

    async def release(self) -> None:
        """Release it before it expires."""
        try:
            async with self.turn, self.database.transaction() as conn:
                await release_lease(conn, self.key, self.owner)
        except DatabaseUnavailableError as exc:
            logger.info("%s: the lease ends by itself: %s", self.key.name, exc)
