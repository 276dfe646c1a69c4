"""Requests for Modzy's jobs and models to answers."""

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
from gateway.web.rest.modzy.history import to_listing
from gateway.web.rest.modzy.links import to_links
from gateway.web.rest.people import without_person
from gateway.web.rest.routes import Call, to_answer

# What anybody may know of `user` who may see the job.
PUBLIC = frozenset({"identifier", "externalIdentifier", "status", "title"})
# A longer list does not tell its last page: its jobs would be counted each time.
MAX_COUNT = 10_000
NUMBERS = re.compile(r"\d+")


async def answer_history(call: Call) -> Reply:
    """List a page of jobs."""
    listing = to_listing(call.query, call.principal, call.now)
    per_page = listing.limit - 1
    async with call.reading() as reading:
        found = (await read_job_page(reading, listing)).records
        has_next = len(found) > per_page
        last = await find_last(reading, listing, per_page) if has_next else None
    page = listing.offset // per_page + 1
    if found and not has_next:
        last = page
    return to_answer(
        [to_document(call, record) for record in found[:per_page]],
        to_links(call, page=page, has_next=has_next, last=last),
    )


async def find_last(reading: Reading, listing: JobList, per_page: int) -> int | None:
    """Count the pages, unless there are many."""
    count = await read_job_count(reading, listing, most=MAX_COUNT + 1)
    return None if count > MAX_COUNT else -(-count // per_page)


async def answer_job(call: Call) -> Reply:
    """Tell all that is known of a job.

    Raises:
        NotFoundError: There is none that the caller may see.
    """
    identifier = call.path[given.JOB.name]
    async with call.reading() as reading:
        record = await read_record(reading, JobSource.MODZY, identifier)
    if record is None:
        raise NotFoundError(f"no job {identifier[:80]!r} that you may see")
    return to_answer(to_document(call, record))


async def answer_models(call: Call) -> Reply:
    """List the models that jobs name, with their versions, the latest first."""
    async with call.reading() as reading:
        found = await read_model_versions(reading, JobSource.MODZY)
    return to_answer(
        [to_model(identifier, versions) for identifier, versions in found.items()]
    )


async def answer_requirements(_: Call) -> Reply:
    """List the hardware that models may be run on: there is none here.

    Modzy's client in Python asks for it before anything else.
    """
    return to_answer([])


def to_document(call: Call, record: JobRecord) -> JsonObject:
    """Write a job, with what the caller may know of its user."""
    return without_person(encode_job(record), "user", PUBLIC, call.principal)


def to_model(identifier: str, versions: Sequence[str]) -> dict[str, object]:
    """Write a model."""
    ordered = sorted(versions, key=to_rank, reverse=True)
    return {
        "modelId": identifier,
        "latestVersion": ordered[0] if ordered else None,
        "versions": ordered,
    }


def to_rank(version: str) -> tuple[list[int], str]:
    """Order versions by their numbers."""
    return [int(number) for number in NUMBERS.findall(version)[:4]], version
