"""Answers requests for Edge Impulse's jobs and their usage."""

from gateway.dialects.edge_impulse import encode_job
from gateway.dialects.residue import JsonObject
from gateway.errors import InputError, NotFoundError
from gateway.query.plan.filters import Filter, any_of, combine, plan_range
from gateway.query.plan.job_lists import JobList
from gateway.query.run.jobs import read_job_count, read_job_page, read_record
from gateway.query.run.reading import Reading
from gateway.query.usage.buckets import TimeWindow
from gateway.query.usage.by_source import read_category_usage
from gateway.records import PENDING_STATUSES, JobRecord, JobSource
from gateway.web.reply import Reply
from gateway.web.rest.edge_impulse import parameters as given
from gateway.web.rest.parameters import Parameters
from gateway.web.rest.people import without_person
from gateway.web.rest.routes import Call, to_json_reply

# The members of `createdByUser` that need no scope.
PUBLIC = frozenset({"id", "username"})


async def answer_active(call: Call) -> Reply:
    """List the jobs that have not ended."""
    return await answer_list(call, any_of("status", PENDING_STATUSES))


async def answer_history(call: Call) -> Reply:
    """List the jobs that have ended."""
    ended = any_of("status", given.FINISHED["all"])
    return await answer_list(call, combine([ended, *plan_created(call.query)]))


async def answer_all(call: Call) -> Reply:
    """List the jobs that match the parameters."""
    query = call.query
    parts = plan_created(query)
    if (key := query.one(given.KEY)) is not None:
        parts.append(any_of("label", [key]))
    if (category := query.one(given.CATEGORY)) is not None:
        parts.append(any_of("category", [category]))
    if (finish := query.one(given.FINISH)) is not None:
        parts.append(any_of("status", given.FINISHED[finish]))
    return await answer_list(call, combine(parts))


async def answer_list(call: Call, restriction: Filter) -> Reply:
    """List jobs, the newest first, with the total count.

    As in Studio's own lists, jobs come without `stdout`.
    """
    query = call.query
    query.one(given.ROOT_ONLY)
    listing = JobList(
        source=JobSource.EDGE_IMPULSE,
        project_id=project_of(call),
        restriction=restriction,
        limit=query.one(given.LIMIT) or given.MAX_JOBS,
        offset=query.one(given.OFFSET) or 0,
    )
    async with call.reading() as reading:
        records = (await read_job_page(reading, listing)).records
        total = await find_total(reading, listing, len(records))
    jobs = [encode_for(call, record) for record in records]
    for job in jobs:
        job.pop("stdout", None)
    return to_json_reply({"success": True, "jobs": jobs, "totalJobCount": total})


async def find_total(reading: Reading, listing: JobList, found: int) -> int:
    """Count the jobs of a list, unless it ends with the page that was read."""
    is_last = found < listing.limit and (found > 0 or listing.offset == 0)
    return listing.offset + found if is_last else await read_job_count(reading, listing)


async def answer_status(call: Call) -> Reply:
    """Answer with one job."""
    job = encode_for(call, await find_job(call))
    return to_json_reply({"success": True, "job": job})


async def answer_summary(call: Call) -> Reply:
    """Sum up the time that jobs ran inside a window, by category."""
    window = TimeWindow(
        start=call.query.need(given.SUMMARY_START),
        end=call.query.need(given.SUMMARY_END),
    )
    project_id = project_of(call)
    async with call.reading() as reading:
        groups = await read_category_usage(
            reading, JobSource.EDGE_IMPULSE, project_id, window, call.now
        )
    summary = [
        {"category": group.key[0] or "", "lengthMs": group.metrics.length_ms}
        for group in groups
    ]
    return to_json_reply({"success": True, "summary": summary})


async def find_job(call: Call) -> JobRecord:
    """Read the job of the path.

    Raises:
        NotFoundError: The project has none of that identifier.
    """
    project_id, identifier = project_of(call), call.path[given.JOB.name]
    async with call.reading() as reading:
        record = await read_record(
            reading, JobSource.EDGE_IMPULSE, identifier, project_id
        )
    if record is None:
        raise NotFoundError(
            f"no job {identifier[:80]!r} in project {project_id} that you may see"
        )
    return record


def project_of(call: Call) -> int:
    """Parse the number of the project in the path.

    Raises:
        InputError: It is not a number.
    """
    return given.PROJECT_NUMBER.parse(call.path[given.PROJECT.name])


def plan_created(query: Parameters) -> list[Filter]:
    """Plan the filter by creation of jobs.

    Raises:
        InputError: An instant is malformed, or the start is after the end.
    """
    start, end = query.one(given.START), query.one(given.END)
    if start is not None and end is not None and start > end:
        raise InputError("startDate is after endDate; give the earlier one first")
    return plan_range("created_at", {"from": start, "to": end})


def encode_for(call: Call, record: JobRecord) -> JsonObject:
    """Encode a job, with what the caller may see of its user."""
    document = encode_job(record)
    return without_person(document, "createdByUser", PUBLIC, call.principal)
