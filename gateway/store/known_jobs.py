"""The stored jobs of a source, by which a sync decides what to fetch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.records import PENDING_STATUSES
from gateway.store.database import Database, mapped_errors
from gateway.store.portable import unindexed
from gateway.store.rows import ROW_COLUMNS, JobRow
from gateway.store.statements import find_rows
from gateway.store.tables import jobs, or_latest

# Columns that a list of jobs may have less of than the job's own document.
DETAIL_COLUMNS = frozenset({"result", "residue", "digest"})
# The values of a stored job, in the order of `ROW_COLUMNS`.
Known = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobScope:
    """An account's jobs of one source.

    Attributes:
        project_id: Only those of this project; None is all.
    """

    account: str
    source: str
    project_id: int | None = None

    @property
    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """The conditions that restrict `jobs` to these."""
        return self.to_conditions(jobs.c.source, jobs.c.project_id)

    @property
    def filters(self) -> Sequence[ColumnElement[bool]]:
        """The same conditions for rows that another condition's index finds."""
        return self.to_conditions(*map(unindexed, (jobs.c.source, jobs.c.project_id)))

    def to_conditions(
        self, source: ColumnElement[Any], project_id: ColumnElement[Any]
    ) -> Sequence[ColumnElement[bool]]:
        """Write the conditions on the given columns."""
        mine = [jobs.c.account == self.account, source == self.source]
        if self.project_id is not None:
            mine.append(project_id == self.project_id)
        return mine


async def read_known(
    conn: AsyncConnection, scope: JobScope, identifiers: Iterable[str]
) -> Mapping[str, Known]:
    """Read stored jobs by their identifiers."""
    wanted = ("job_identifier", identifiers)
    rows = await find_rows(conn, jobs, ROW_COLUMNS, scope.account, wanted)
    source, identifier = map(ROW_COLUMNS.index, ("source", "job_identifier"))
    return {row[identifier]: tuple(row) for row in rows if row[source] == scope.source}


def updated_us_of(known: Known) -> int:
    """Give when a stored job was updated, in µs since 1970."""
    updated_us: int = known[ROW_COLUMNS.index("updated_at")]
    return updated_us


def is_changed(row: JobRow, known: Known) -> bool:
    """Tell whether a document of a list differs from the stored job.

    Fields that it lacks do not count, nor do those of `DETAIL_COLUMNS`.
    """
    return any(
        value is not None and value != stored
        for name, value, stored in zip(ROW_COLUMNS, row.values, known, strict=True)
        if name not in DETAIL_COLUMNS
    )


async def read_pending(
    database: Database, scope: JobScope, ended_since: datetime | None = None
) -> Sequence[str]:
    """Read the identifiers of jobs that have not ended, in order.

    Args:
        database: To read from.
        scope: Whose jobs.
        ended_since: Also those that ended at this instant or later.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    wanted: list[ColumnElement[bool]] = [jobs.c.status.in_(sorted(PENDING_STATUSES))]
    if ended_since is not None:
        # Written as its index is; jobs that have not ended count as `LATEST` there.
        ended = or_latest(jobs.c.finished_at) >= ended_since
        wanted.append(and_(ended, jobs.c.finished_at.is_not(None)))
    # A union uses an index for each condition; an OR would use none.
    found = union(
        *(select(jobs.c.job_identifier).where(*scope.filters, a) for a in wanted)
    )
    with mapped_errors():
        async with database.reader.connect() as conn:
            return sorted((await conn.scalars(found)).all())


async def count_jobs_created(
    database: Database, scope: JobScope, since: datetime | None, until: datetime | None
) -> int:
    """Count the jobs created from `since` up to and without `until`.

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
