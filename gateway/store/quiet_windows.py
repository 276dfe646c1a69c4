"""A window of a source's jobs that ends while none of them runs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.columns import EPOCH
from gateway.store.database import Database, mapped_errors
from gateway.store.known_jobs import JobScope
from gateway.store.portable import unindexed
from gateway.store.tables import jobs

# Statements until the search gives up: some sources always have a job running.
MAX_ATTEMPTS = 50
MILLISECOND = timedelta(milliseconds=1)


async def find_quiet_window(
    database: Database, scope: JobScope, before: datetime
) -> tuple[datetime, datetime] | None:
    """Find a window from the first job to an instant at which none was running.

    Jobs that were created before its end also ended before it. So it has the same jobs,
    whichever instant of a job decides whether it is in a window.

    Args:
        database: To read from.
        scope: Whose jobs.
        before: The latest end.

    Returns:
        Start and end in whole milliseconds; None where there is no such window.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    with mapped_errors():
        async with database.reader.connect() as conn:
            first = await conn.scalar(
                select(func.min(jobs.c.created_at)).where(*scope.conditions)
            )
            end = await find_end(conn, scope, floor_to_ms(before.astimezone(UTC)))
    if first is None or end is None or end <= floor_to_ms(first):
        return None
    return floor_to_ms(first), end


async def find_end(
    conn: AsyncConnection, scope: JobScope, end: datetime
) -> datetime | None:
    """Find the last instant up to the given one at which no job was running."""
    for _ in range(MAX_ATTEMPTS):
        end_ms = (end - EPOCH) // MILLISECOND
        crossing = union_all(*crossing_runs(scope, end, end_ms)).subquery()
        earlier = await conn.scalar(select(func.min(crossing.c.created_at)))
        if earlier is None:
            return end
        end = floor_to_ms(earlier)
    return None


def crossing_runs(
    scope: JobScope, end: datetime, end_ms: int
) -> Iterator[Select[tuple[datetime]]]:
    """Select the creation of the jobs that were running at an instant.

    Those that ended later and those that still run have an index each, and are few. By
    the index of creation, SQLite would read all of the history where there are none.
    """
    created = select(jobs.c.created_at).where(
        *scope.filters,
        unindexed(jobs.c.created_at) < end,
        jobs.c.run_start_ms.is_not(None),
    )
    yield created.where(jobs.c.run_end_ms > end_ms)
    yield created.where(jobs.c.run_end_ms.is_(None))


def floor_to_ms(instant: datetime) -> datetime:
    """Cut an instant to whole milliseconds."""
    return EPOCH + (instant - EPOCH) // MILLISECOND * MILLISECOND
