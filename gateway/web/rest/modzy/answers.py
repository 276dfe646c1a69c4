"""Answers requests for Modzy's jobs and models."""

import re
from collections.abc import Sequence

from gateway.dialects.modzy import encode_job
from gateway.dialects.residue import JsonObject
from gateway.errors import NotFoundError
from gateway.query.plan.job_lists import JobList
from gateway.query.run.jobs import read_job_count, read_job_page, read_record
from gateway.query.run.models import read_model_versions
from gateway.query.run.reading import Reading
from gateway.records import JobRecord, JobSource
from gateway.web.reply import Reply
from gateway.web.rest.modzy import parameters as given
from gateway.web.rest.modzy.history import plan_listing
from gateway.web.rest.modzy.links import to_link
from gateway.web.rest.people import without_person
from gateway.web.rest.routes import Call, to_json_reply

# The members of `user` that need no scope.
PUBLIC = frozenset({"identifier", "externalIdentifier", "status", "title"})
# Longer lists have no link to the last page: each request would count all the jobs.
MAX_COUNT = 10_000
NUMBERS = re.compile(r"\d+")


async def answer_history(call: Call) -> Reply:
    """List a page of jobs."""
    listing = plan_listing(call.query, call.principal, call.now)
    per_page = listing.limit - 1
    async with call.reading() as reading:
        found = (await read_job_page(reading, listing)).records
        has_next = len(found) > per_page
        last = await find_last(reading, listing, per_page) if has_next else None
    page = listing.offset // per_page + 1
    if found and not has_next:
        last = page
    return to_json_reply(
        [encode_for(call, record) for record in found[:per_page]],
        to_link(call, page=page, has_next=has_next, last=last),
    )


async def find_last(reading: Reading, listing: JobList, per_page: int) -> int | None:
    """Find the number of the last page; None if there are too many jobs to count."""
    count = await read_job_count(reading, listing, most=MAX_COUNT + 1)
    return None if count > MAX_COUNT else -(-count // per_page)


async def answer_job(call: Call) -> Reply:
    """Answer with one job.

    Raises:
        NotFoundError: There is none that the caller may see.
    """
    identifier = call.path[given.JOB.name]
    async with call.reading() as reading:
        record = await read_record(
            reading, JobSource.MODZY, identifier, has_inputs=True
        )
    if record is None:
        raise NotFoundError(f"no job {identifier[:80]!r} that you may see")
    return to_json_reply(encode_for(call, record))


async def answer_models(call: Call) -> Reply:
    """List the models of jobs, with their versions, the latest first."""
    async with call.reading() as reading:
        found = await read_model_versions(reading, JobSource.MODZY)
    return to_json_reply(
        [to_model(identifier, versions) for identifier, versions in found.items()]
    )


async def answer_requirements(_: Call) -> Reply:
    """List the hardware that models may run on: none.

    Modzy's Python client asks for it before anything else.
    """
    return to_json_reply([])


def encode_for(call: Call, record: JobRecord) -> JsonObject:
    """Encode a job, with what the caller may see of its user."""
    return without_person(encode_job(record), "user", PUBLIC, call.principal)


def to_model(identifier: str, versions: Sequence[str]) -> dict[str, object]:
    """Convert a model and its versions to JSON."""
    ordered = sorted(versions, key=version_key, reverse=True)
    return {
        "modelId": identifier,
        "latestVersion": ordered[0] if ordered else None,
        "versions": ordered,
    }


def version_key(version: str) -> tuple[list[int], str]:
    """Give the sort key of a version: its numbers, then its text."""
    return [int(number) for number in NUMBERS.findall(version)[:4]], version
