"""A source's jobs to a window whose end no run crosses."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.columns import EPOCH
from gateway.store.database import Database, mapped_errors
from gateway.store.known_jobs import JobScope
from gateway.store.portable import unindexed
from gateway.store.tables import jobs

# Where work never rests for long, no end is found within so many looks.
MAX_LOOKS = 50
MILLISECOND = timedelta(milliseconds=1)


async def find_quiet_window(
    database: Database, scope: JobScope, before: datetime
) -> tuple[datetime, datetime] | None:
    """Find a window from the first job to an instant at which none was under way.

    What was created before the end has ended before it, so that all ways to place a
    job in a window come to the same.

    Args:
        database: Where to look.
        scope: Whose jobs.
        before: The end is no later.

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
            end = await find_end(conn, scope, cut(before.astimezone(UTC)))
    if first is None or end is None or end <= cut(first):
        return None
    return cut(first), end


async def find_end(
    conn: AsyncConnection, scope: JobScope, end: datetime
) -> datetime | None:
    """Find the last instant, no later than the given one, that nothing crosses."""
    for _ in range(MAX_LOOKS):
        end_ms = (end - EPOCH) // MILLISECOND
        crossing = union_all(*crossing_runs(scope, end, end_ms)).subquery()
        earlier = await conn.scalar(select(func.min(crossing.c.created_at)))
        if earlier is None:
            return end
        end = cut(earlier)
    return None


def crossing_runs(
    scope: JobScope, end: datetime, end_ms: int
) -> Iterator[Select[tuple[datetime]]]:
    """Select when the jobs were created whose runs cross an instant.

    Those that ended later and those that still run have an index each, and both are
    few; by creation SQLite would look at the whole history to find that none does.
    """
    created = select(jobs.c.created_at).where(
        *scope.filters,
        unindexed(jobs.c.created_at) < end,
        jobs.c.run_start_ms.is_not(None),
    )
    yield created.where(jobs.c.run_end_ms > end_ms)
    yield created.where(jobs.c.run_end_ms.is_(None))


def cut(instant: datetime) -> datetime:
    """Cut an instant to whole milliseconds."""
    return EPOCH + (instant - EPOCH) // MILLISECOND * MILLISECOND
