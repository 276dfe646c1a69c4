"""Windows whose end no run crosses."""

from datetime import timedelta
from typing import Any

from gateway.records import JobSource, JobStatus
from gateway.store.database import Database
from gateway.store.known_jobs import JobScope, count_jobs_created, read_pending
from gateway.store.quiet_windows import find_quiet_window
from gateway.store.writes import put_jobs
from tests.factories import make_job
from tests.upstreams.making import at

SCOPE = JobScope(account="acme", source="EDGE_IMPULSE", project_id=7)


def to_run(name: str, start: float, end: float | None, **changes: Any) -> Any:  # noqa: ANN401 -- a record
    """Make a job that ran from one second to another, or runs still."""
    return make_job(
        **{
            "source": JobSource.EDGE_IMPULSE,
            "job_identifier": name,
            "project_id": 7,
            "created_at": at(start),
            "started_at": at(start),
            "finished_at": None if end is None else at(end),
            "status": JobStatus.RUNNING if end is None else JobStatus.COMPLETED,
            "updated_at": at(start if end is None else end),
            "elapsed_ms": None,
        }
        | changes
    )


async def put(database: Database, *records: Any) -> None:  # noqa: ANN401 -- records
    async with database.transaction() as conn:
        await put_jobs(conn, "acme", records)


async def test_a_window_ends_before_the_runs_that_go_on(database: Database) -> None:
    await put(
        database,
        to_run("a", 0, 10),
        to_run("b", 20, 60),
        to_run("c", 50, None),
        to_run("other", 5, None, project_id=8),
    )
    assert await find_quiet_window(database, SCOPE, at(100)) == (at(0), at(20))


async def test_a_window_of_jobs_that_all_ended_is_as_long_as_may_be(
    database: Database,
) -> None:
    await put(database, to_run("a", 0.0004, 10))
    end = at(100) + timedelta(microseconds=7)
    assert await find_quiet_window(database, SCOPE, end) == (at(0), at(100))


async def test_there_is_no_window_without_jobs_or_without_rest(
    database: Database,
) -> None:
    assert await find_quiet_window(database, SCOPE, at(100)) is None
    await put(database, to_run("a", 0, None), to_run("b", 1, 5))
    assert await find_quiet_window(database, SCOPE, at(100)) is None


async def test_what_has_not_ended_is_found_and_what_ended_lately_if_asked_for(
    database: Database,
) -> None:
    queued = {"status": JobStatus.QUEUED, "started_at": None}
    await put(
        database,
        to_run("old", 0, 10),
        to_run("late", 0, 90),
        to_run("runs", 5, None),
        to_run("waits", 6, None, **queued),
        to_run("other", 5, None, project_id=8),
    )
    assert await read_pending(database, SCOPE) == ["runs", "waits"]
    found = await read_pending(database, SCOPE, at(50))
    assert found == ["late", "runs", "waits"]


async def test_jobs_are_counted_by_their_creation(database: Database) -> None:
    await put(database, to_run("a", 0, 10), to_run("b", 20, 60), to_run("c", 50, None))
    assert await count_jobs_created(database, SCOPE, at(0), at(50)) == 2
    assert await count_jobs_created(database, SCOPE, None, None) == 3
