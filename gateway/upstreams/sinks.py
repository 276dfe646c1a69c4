"""Where pages go: to the store, or nowhere in a dry run."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import stamina

from gateway.errors import DatabaseUnavailableError
from gateway.store.batches import StoredJob, WriteCounts, count_outcomes, to_batch
from gateway.store.database import Database, mapped_errors
from gateway.store.known_jobs import (
    JobScope,
    Known,
    count_jobs_created,
    read_known,
    read_pending,
)
from gateway.store.rows import Identity, JobRow
from gateway.store.upstreams import UpstreamKey, put_upstream_state
from gateway.store.writes import put_rows, read_stored_jobs
from gateway.upstreams.kinds import Checkpoint

patience = stamina.AsyncRetryingCaller(attempts=3, wait_initial=0.2, wait_max=2.0)


class Sink(Protocol):
    """What a round reads what is known from, and writes what is new to."""

    async def read_known(self, identifiers: Collection[str]) -> Mapping[str, Known]:
        """Read what is known of jobs."""

    async def read_pending(self, ended_since: datetime | None) -> Sequence[str]:
        """Read which jobs had not ended, or not before an instant."""

    async def count_created(
        self, since: datetime | None, until: datetime | None
    ) -> int | None:
        """Count the jobs created in a window; None where that cannot be told."""

    async def write(
        self, rows: Sequence[JobRow], checkpoint: Checkpoint | None = None
    ) -> WriteCounts:
        """Write jobs, and how far the upstream was read with them, in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSink:
    """Writes to the store, as long as the upstream's lease is the owner's.

    Its methods raise DatabaseUnavailableError, and LostLeaseError.

    Attributes:
        turn: One writes after the other: SQLite has no more, and many upstreams would
            wait for longer than a database may take.
    """

    database: Database
    key: UpstreamKey
    scope: JobScope
    owner: str
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read_known(self, identifiers: Collection[str]) -> Mapping[str, Known]:
        """See `Sink`."""
        with mapped_errors():
            async with self.database.reader.connect() as conn:
                return await read_known(conn, self.scope, identifiers)

    async def read_pending(self, ended_since: datetime | None) -> Sequence[str]:
        """See `Sink`."""
        return await read_pending(self.database, self.scope, ended_since)

    async def count_created(
        self, since: datetime | None, until: datetime | None
    ) -> int | None:
        """See `Sink`."""
        return await count_jobs_created(self.database, self.scope, since, until)

    async def write(
        self, rows: Sequence[JobRow], checkpoint: Checkpoint | None = None
    ) -> WriteCounts:
        """See `Sink`."""
        return await patience(
            DatabaseUnavailableError, self.write_once, rows, checkpoint
        )

    async def write_once(
        self, rows: Sequence[JobRow], checkpoint: Checkpoint | None
    ) -> WriteCounts:
        """Write in one transaction."""
        changes: dict[str, Any] = {"lease_owner": self.owner}
        if checkpoint is not None:
            changes["checkpoint"] = checkpoint.model_dump(mode="json")
        async with self.turn, self.database.transaction() as conn:
            account = self.scope.account
            counts = await put_rows(conn, account, rows) if rows else WriteCounts()
            await put_upstream_state(conn, self.key, self.owner, changes)
        return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class DrySink:
    """Counts what would be written, and writes nothing.

    Attributes:
        database: None where there is none yet.
        written: What would have been written so far.
    """

    database: Database | None
    scope: JobScope
    written: dict[Identity, StoredJob] = field(default_factory=dict)

    async def read_known(self, identifiers: Collection[str]) -> Mapping[str, Known]:
        """See `Sink`."""
        if self.database is None:
            return {}
        with mapped_errors():
            async with self.database.reader.connect() as conn:
                return await read_known(conn, self.scope, identifiers)

    async def read_pending(self, ended_since: datetime | None) -> Sequence[str]:
        """See `Sink`."""
        if self.database is None:
            return ()
        return await read_pending(self.database, self.scope, ended_since)

    async def count_created(self, _: datetime | None, __: datetime | None) -> None:
        """See `Sink`; nothing that was read is there to be counted."""

    async def write(
        self, rows: Sequence[JobRow], _: Checkpoint | None = None
    ) -> WriteCounts:
        """See `Sink`."""
        stored = dict(await self.read_stored(rows)) | self.written
        batch = to_batch(stored, rows, 1)
        self.written.update((row.identity, job) for job, row in batch.changes)
        return count_outcomes(batch.outcomes)

    async def read_stored(self, rows: Sequence[JobRow]) -> Mapping[Identity, StoredJob]:
        """Read what the database has of jobs."""
        if self.database is None or not rows:
            return {}
        with mapped_errors():
            async with self.database.reader.connect() as conn:
                return await read_stored_jobs(conn, self.scope.account, rows)
