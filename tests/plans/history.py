"""A history that is long enough for a bad plan to show, with values common and rare."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from gateway.records import (
    JobInputRecord,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    UserRecord,
)
from gateway.store.database import Database
from gateway.store.writes import put_jobs

JOBS = 20_000
BATCH_ROWS = 2_000
START = datetime(2025, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=7)
UNFINISHED = 40
MANY_INPUTS = 400

SOURCES = (JobSource.MODZY, JobSource.EDGE_IMPULSE, JobSource.SHAREDCLOUD)


async def put_history(database: Database) -> None:
    """Write the history of `acme`, and of `batch`, whose jobs all came at once."""
    at_once = (replace(job, created_at=START) for job in make_history(BATCH_ROWS))
    for account, jobs in (("acme", make_history(JOBS)), ("batch", at_once)):
        while batch := list(islice(jobs, BATCH_ROWS)):
            async with database.transaction() as conn:
                await put_jobs(conn, account, batch)


def make_history(wanted: int) -> Iterator[JobRecord]:
    """Make jobs, the oldest first."""
    return (make_past_job(number) for number in range(wanted))


def make_past_job(number: int) -> JobRecord:
    """Make one job: most are of few models and users, and completed."""
    created_at = START + number * STEP
    status = to_past_status(number)
    started_at = created_at + timedelta(seconds=number % 900)
    ended_at = started_at + timedelta(seconds=60 + number % 3_600)
    has_started = status is not JobStatus.QUEUED
    has_ended = has_started and status is not JobStatus.RUNNING
    kind = spread(number)
    return JobRecord(
        source=SOURCES[number % 3],
        job_identifier=f"job-{number:06}",
        project_id=number % 5 or None,
        category=f"category-{kind % 4}",
        status=status,
        model=ModelRecord(
            identifier=f"model-{kind}", version="1.0.0", name=f"Model {kind % 20}"
        ),
        user=UserRecord(identifier=f"user-{spread(number + 3)}"),
        submitted_by=f"key{number % 3}",
        created_at=created_at,
        submitted_at=created_at,
        started_at=started_at if has_started else None,
        finished_at=ended_at if has_ended else None,
        updated_at=ended_at if has_ended else created_at,
        inputs=tuple(make_inputs(number)),
    )


def to_past_status(number: int) -> JobStatus:
    """Give a status: some are rare, and two are only of late jobs."""
    if number > JOBS - UNFINISHED:
        return JobStatus.RUNNING if number % 2 else JobStatus.QUEUED
    if number % 997 == 0:
        return JobStatus.TIMEDOUT
    return JobStatus.FAILED if number % 20 == 0 else JobStatus.COMPLETED


def spread(number: int) -> int:
    """Give 0 to every other, 1 to a quarter, and so on up to 63."""
    return min(63, (number + 1 & -(number + 1)).bit_length() - 1 + number % 7 // 6 * 9)


def make_inputs(number: int) -> Iterator[JobInputRecord]:
    """Give every tenth job two inputs, and a few very many."""
    wanted = MANY_INPUTS if number % 5_000 == 4_950 else 2 * (number % 10 == 0)
    return (JobInputRecord(identifier=f"input-{at}") for at in range(wanted))
