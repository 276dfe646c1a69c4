"""Records for tests: a plain job, and whatever a test changes about it."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from gateway.records import JobRecord, JobSource, JobStatus
from gateway.store.batches import WriteCounts
from gateway.store.database import Database
from gateway.store.writes import put_jobs

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
NUMBERS = count(1)


def make_job(**changes: Any) -> JobRecord:  # noqa: ANN401 -- as dataclasses.replace
    """Make a queued Modzy job of an identifier of its own, created at noon."""
    created_at = changes.get("created_at", NOON)
    fields = {
        "source": JobSource.MODZY,
        "job_identifier": f"job-{next(NUMBERS):06}",
        "status": JobStatus.QUEUED,
        "created_at": created_at,
        "updated_at": created_at,
    }
    return JobRecord(**(fields | changes))


async def put(database: Database, account: str, *records: JobRecord) -> WriteCounts:
    """Write jobs of an account in one transaction."""
    async with database.transaction() as conn:
        return await put_jobs(conn, account, records)
