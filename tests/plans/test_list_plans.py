"""A page of a list of REST's costs what its rows cost, and the rows it skips."""

from dataclasses import replace

import pytest

from gateway.query.document.timing import Timings
from gateway.query.plan.filters import any_of, plan_range
from gateway.query.plan.job_lists import NEWEST_FIRST, JobList, OrderTerm
from gateway.query.run.jobs import read_job_page, read_record
from gateway.query.run.reading import Reading
from gateway.query.tenant import Tenant
from gateway.records import PENDING_STATUSES, JobSource, JobStatus
from tests.plans.history import START, STEP
from tests.plans.measuring import Work, is_little, measure
from tests.plans.recording import RecordingDatabase

PAGE = 10
SOURCES = (JobSource.MODZY, JobSource.EDGE_IMPULSE, JobSource.SHAREDCLOUD)
OLDEST_FIRST = replace(NEWEST_FIRST, is_descending=False)
WHOLE = JobList(source=JobSource.MODZY, limit=PAGE)
EDGE = JobList(source=JobSource.EDGE_IMPULSE, project_id=2, limit=PAGE)
PENDING = any_of("status", PENDING_STATUSES)

LISTINGS = {
    "all": WHOLE,
    "oldest first": replace(WHOLE, order=(OLDEST_FIRST,)),
    "with logs": replace(WHOLE, source=JobSource.SHAREDCLOUD, has_logs=True),
    "behind a job": replace(WHOLE, after=(10**18, 1)),
    "a project": EDGE,
    "what is active": replace(EDGE, restriction=PENDING),
    "what is active anywhere": replace(WHOLE, restriction=PENDING),
    "most statuses": replace(
        EDGE, restriction=any_of("status", set(JobStatus) - PENDING_STATUSES)
    ),
    "a span": replace(
        EDGE,
        restriction=plan_range(
            "created_at", {"from": START + 99 * STEP, "to": START + 999 * STEP}
        )[0],
    ),
    "by update": replace(WHOLE, order=(OrderTerm(column="updated_at"),)),
    "by submission": replace(
        WHOLE, order=(OrderTerm(column="submitted_at", is_descending=True),)
    ),
}


async def measure_list(
    history: RecordingDatabase, listing: JobList, project_id: int | None = None
) -> Work:
    """Read a listing, and give what it cost."""
    async with history.reading() as reader:
        reading = Reading(
            database=history,
            reader=reader,
            tenant=Tenant(account="acme", project_id=project_id),
            timings=Timings(),
        )
        history.take()
        await read_job_page(reading, listing)
    return await measure(history, history.take()[:1])


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=list(LISTINGS))
@pytest.mark.parametrize("project_id", [None, 2], ids=["account", "project"])
async def test_a_list_reads_only_its_page(
    history: RecordingDatabase, listing: JobList, project_id: int | None
) -> None:
    work = await measure_list(history, listing, project_id)
    assert is_little(work, history), work


@pytest.mark.parametrize("status", [JobStatus.TIMEDOUT, JobStatus.CANCELED])
async def test_a_rare_status_reads_only_its_page(
    history: RecordingDatabase, status: JobStatus
) -> None:
    listing = replace(WHOLE, restriction=any_of("status", [status]))
    work = await measure_list(history, listing)
    assert is_little(work, history), work


@pytest.mark.parametrize("source", SOURCES)
async def test_a_job_is_looked_up(
    history: RecordingDatabase, source: JobSource
) -> None:
    async with history.reading() as reader:
        reading = Reading(
            database=history,
            reader=reader,
            tenant=Tenant(account="acme"),
            timings=Timings(),
        )
        history.take()
        await read_record(reading, source, "job-000123")
    work = await measure(history, history.take()[:1])
    assert is_little(work, history), work


async def test_what_is_skipped_is_read_from_an_index_alone(
    history: RecordingDatabase,
) -> None:
    work = await measure_list(history, replace(WHOLE, offset=6_000))
    assert not work.scanned
    assert "COVERING INDEX ix_jobs_source" in str(work.plan) or (
        "Index Only Scan jobs ix_jobs_source" in work.plan
    )
