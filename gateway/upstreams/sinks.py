"""Where a round writes: to the store, or nowhere in a dry run."""

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
    """What a round reads stored jobs from, and writes jobs to."""

    async def read_known(self, identifiers: Collection[str]) -> Mapping[str, Known]:
        """Read what is stored of jobs."""

    async def read_pending(self, ended_since: datetime | None) -> Sequence[str]:
        """Read which jobs had not ended before an instant; None: at all."""

    async def count_created(
        self, since: datetime | None, until: datetime | None
    ) -> int | None:
        """Count the stored jobs created in a window; None where that is unknown."""

    async def write(
        self, rows: Sequence[JobRow], checkpoint: Checkpoint | None = None
    ) -> WriteCounts:
        """Write jobs and the checkpoint in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSink:
    """Writes to the store, as long as the owner has the upstream's lease.

    Its methods raise DatabaseUnavailableError and LostLeaseError.

    Attributes:
        turn: The lock to write under: SQLite has one writer, and with many upstreams
            some would wait for it beyond the timeout.
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
        written: The jobs that would have been written so far.
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
        """See `Sink`; unknown, because nothing is written."""

    async def write(
        self, rows: Sequence[JobRow], _: Checkpoint | None = None
    ) -> WriteCounts:
        """See `Sink`."""
        stored: Mapping[Identity, StoredJob] = {}
        if self.database is not None and rows:
            with mapped_errors():
                async with self.database.reader.connect() as conn:
                    stored = await read_stored_jobs(conn, self.scope.account, rows)
        batch = to_batch({**stored, **self.written}, rows, 1)
        self.written.update((row.identity, job) for job, row in batch.changes)
        return count_outcomes(batch.outcomes)
