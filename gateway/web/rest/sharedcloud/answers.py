"""Answers requests for sharedcloud's jobs."""

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
from gateway.web.rest.routes import Call, PathParameter, to_json_reply

# Jobs come with their logs: this many may be in memory at a time.
JOBS_AT_ONCE = 100

JOB = PathParameter(
    name="uuid", description="Identifier of the job.", schema={"type": "string"}
)


async def answer_jobs(call: Call) -> Reply:
    """List all jobs, the newest first.

    This API has no pages, and an account may have any number of jobs: they are streamed
    as they are read.
    """
    listing = JobList(source=JobSource.SHAREDCLOUD, limit=JOBS_AT_ONCE, has_logs=True)
    page = await read_next_page(call, listing)
    first = b"[" + encode_items(call, page)
    if page.rest is None:
        return Reply(status=HTTPStatus.OK, body=first + b"]")
    return Reply(status=HTTPStatus.OK, body=first, rest=stream_rest(call, page.rest))


async def stream_rest(call: Call, listing: JobList) -> AsyncIterator[bytes]:
    """Encode the jobs after the first ones, and the end of the list."""
    following: JobList | None = listing
    while following is not None:
        page = await read_next_page(call, following)
        if page.records:
            yield b"," + encode_items(call, page)
        following = page.rest
    yield b"]"


async def read_next_page(call: Call, listing: JobList) -> JobPage:
    """Read some jobs; no connection is held while they are sent."""
    async with call.reading() as reading:
        return await read_job_page(reading, listing)


def encode_items(call: Call, page: JobPage) -> bytes:
    """Encode jobs as items of a JSON list."""
    return b",".join(to_json(encode_for(call, record)) for record in page.records)


async def answer_job(call: Call) -> Reply:
    """Answer with one job.

    Raises:
        NotFoundError: There is none that the caller may see.
    """
    async with call.reading() as reading:
        record = await read_record(reading, JobSource.SHAREDCLOUD, call.path[JOB.name])
    if record is None:
        raise NotFoundError("no job of this uuid that you may see")
    return to_json_reply(encode_for(call, record))


def encode_for(call: Call, record: JobRecord) -> JsonObject:
    """Encode a job, with the server time that the client computes durations from."""
    zone = ZoneInfo(call.settings.sharedcloud_time_zone)
    return encode_job(record, time_zone=zone, server_time=call.now)
