"""Requests for sharedcloud's jobs to answers."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from zoneinfo import ZoneInfo

from gateway.dialects.residue import JsonObject
from gateway.dialects.sharedcloud import encode_job
from gateway.errors import NotFoundError
from gateway.query.plan.job_lists import JobList
from gateway.query.run.jobs import JobPage, read_job_page, read_record
from gateway.records import JobRecord, JobSource
from gateway.web.reply import Reply, to_json
from gateway.web.rest.routes import Call, PathParameter, to_answer

# Each has what it printed: as many as may be in memory at a time.
JOBS_AT_ONCE = 100

JOB = PathParameter(
    name="uuid", description="Identifier of the job.", schema={"type": "string"}
)


async def answer_jobs(call: Call) -> Reply:
    """List all jobs, the newest first.

    There are no pages in this dialect, and an account may have any number of jobs: they
    are sent as they are read.
    """
    listing = JobList(source=JobSource.SHAREDCLOUD, limit=JOBS_AT_ONCE, has_logs=True)
    page = await read_page(call, listing)
    first = b"[" + to_items(call, page)
    if page.rest is None:
        return Reply(status=HTTPStatus.OK, body=first + b"]")
    return Reply(status=HTTPStatus.OK, body=first, rest=to_rest(call, page.rest))


async def to_rest(call: Call, listing: JobList) -> AsyncIterator[bytes]:
    """Give the jobs behind the first ones, and the end of the list."""
    following: JobList | None = listing
    while following is not None:
        page = await read_page(call, following)
        if page.records:
            yield b"," + to_items(call, page)
        following = page.rest
    yield b"]"


async def read_page(call: Call, listing: JobList) -> JobPage:
    """Read some jobs; the connection is another's while they are sent."""
    async with call.reading() as reading:
        return await read_job_page(reading, listing)


def to_items(call: Call, page: JobPage) -> bytes:
    """Write jobs as items of a list."""
    return b",".join(to_json(to_document(call, record)) for record in page.records)


async def answer_job(call: Call) -> Reply:
    """Tell all that is known of a job.

    Raises:
        NotFoundError: There is none that the caller may see.
    """
    async with call.reading() as reading:
        record = await read_record(reading, JobSource.SHAREDCLOUD, call.path[JOB.name])
    if record is None:
        raise NotFoundError("no job of this uuid that you may see")
    return to_answer(to_document(call, record))


def to_document(call: Call, record: JobRecord) -> JsonObject:
    """Write a job, with the clock that its client subtracts instants from."""
    zone = ZoneInfo(call.settings.sharedcloud_time_zone)
    return encode_job(record, time_zone=zone, server_time=call.now)
