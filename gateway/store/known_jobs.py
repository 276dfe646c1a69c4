"""What the store knows of a source's jobs, for telling what has to be asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.records import PENDING_STATUSES
from gateway.store.database import Database, mapped_errors
from gateway.store.keyed import unindexed
from gateway.store.rows import ROW_COLUMNS, JobRow
from gateway.store.statements import find_rows
from gateway.store.tables import jobs, or_latest

# What a list may tell less of than the job's own document does.
UNTOLD = frozenset({"result", "residue", "digest"})
# The values of a stored job, in the order of a row's.
Known = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobScope:
    """Whose jobs of which source.

    Attributes:
        project_id: Only those of this project; None: all.
    """

    account: str
    source: str
    project_id: int | None = None

    @property
    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """The conditions that restrict rows of `jobs` to these."""
        return self.to_conditions(jobs.c.source, jobs.c.project_id)

    @property
    def filters(self) -> Sequence[ColumnElement[bool]]:
        """The same for few rows, which another index of the account brings."""
        return self.to_conditions(*map(unindexed, (jobs.c.source, jobs.c.project_id)))

    def to_conditions(
        self, source: ColumnElement[Any], project_id: ColumnElement[Any]
    ) -> Sequence[ColumnElement[bool]]:
        """Write the conditions on columns."""
        mine = [jobs.c.account == self.account, source == self.source]
        if self.project_id is not None:
            mine.append(project_id == self.project_id)
        return mine


async def read_known(
    conn: AsyncConnection, scope: JobScope, identifiers: Iterable[str]
) -> Mapping[str, Known]:
    """Read what is stored of jobs, by their identifiers."""
    wanted = ("job_identifier", identifiers)
    rows = await find_rows(conn, jobs, ROW_COLUMNS, scope.account, wanted)
    source, identifier = map(ROW_COLUMNS.index, ("source", "job_identifier"))
    return {row[identifier]: tuple(row) for row in rows if row[source] == scope.source}


def updated_us_of(known: Known) -> int:
    """Give when a stored job was updated, in µs since 1970."""
    updated_us: int = known[ROW_COLUMNS.index("updated_at")]
    return updated_us


def is_changed(row: JobRow, known: Known) -> bool:
    """Tell whether a document of a list says something else than what is stored.

    What the document does not tell has not changed, and neither has what lists tell
    less of.
    """
    return any(
        value is not None and value != stored
        for name, value, stored in zip(ROW_COLUMNS, row.values, known, strict=True)
        if name not in UNTOLD
    )


async def read_pending(
    database: Database, scope: JobScope, ended_since: datetime | None = None
) -> Sequence[str]:
    """Read the identifiers of the jobs that had not ended, in order.

    Args:
        database: Where to look.
        scope: Whose jobs.
        ended_since: Those that ended then or later are wanted, too.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    wanted: list[ColumnElement[bool]] = [jobs.c.status.in_(sorted(PENDING_STATUSES))]
    if ended_since is not None:
        # As its index has it; what has not ended has no instant here.
        ended = or_latest(jobs.c.finished_at) >= ended_since
        wanted.append(and_(ended, jobs.c.finished_at.is_not(None)))
    # Two looks into two indexes, for which an OR would be none.
    found = union(
        *(select(jobs.c.job_identifier).where(*scope.filters, a) for a in wanted)
    )
    with mapped_errors():
        async with database.reader.connect() as conn:
            return sorted((await conn.scalars(found)).all())


async def count_jobs_created(
    database: Database, scope: JobScope, since: datetime | None, until: datetime | None
) -> int:
    """Count the jobs that were created in a window, its end outside of it.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    counted = select(func.count()).where(*scope.conditions)
    if since is not None:
        counted = counted.where(jobs.c.created_at >= since)
    if until is not None:
        counted = counted.where(jobs.c.created_at < until)
    with mapped_errors():
        async with database.reader.connect() as conn:
            return int(await conn.scalar(counted) or 0)
