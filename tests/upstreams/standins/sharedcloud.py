"""sharedcloud as a stand-in: all jobs of a user in one list, newest first."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

from gateway.cli.made_sources import make_sharedcloud_job
from gateway.dialects.residue import JsonObject
from gateway.dialects.sharedcloud import encode_job
from gateway.records import JobRecord
from tests.upstreams.standins.book import Book, Kind, Version
from tests.upstreams.standins.lies import to_page
from tests.upstreams.standins.requests import Answer, Request, to_json

CREDENTIAL = "a1" * 20
FORM = "%d-%m-%Y %H:%M:%S"
# Below `/brief` lists leave out what a job printed, and its result.
PATH = re.compile(r"(/brief)?/api/v1/jobs(?:/([\w-]+))?(/?)")
LONG_FIELDS = ("build_logs", "stdout", "stderr", "result")
RUN_FIELDS = ("started_at", "assigned_at", "finished_at", "instance", "result")


def write(record: JobRecord, random: Random) -> JsonObject:
    """Write a job as the system does."""
    document = encode_job(record, time_zone=ZoneInfo("UTC"))
    if random.randrange(9) == 0:
        document["cost"] = 0.08  # prices follow no formula
    if document["result"] is None and document["finished_at"] and random.randrange(20):
        document["result"] = ""
    return document


def wait(final: JsonObject) -> JsonObject:
    """Take away what has not happened."""
    nothing: JsonObject = dict.fromkeys(RUN_FIELDS)
    empty: JsonObject = {"build_logs": "", "stdout": "", "stderr": ""}
    return final | nothing | empty | {"status": 1, "duration": None, "cost": 0.0}


def start(waiting: JsonObject, at: datetime) -> JsonObject:
    """Let the job start."""
    return waiting | {
        "status": 2,
        "assigned_at": at.strftime(FORM),
        "started_at": at.strftime(FORM),
        "instance": "504d2418-4c94-429d-8e4a-ccde12988c8b",
        "build_logs": "Pulling image\n",
    }


def end(running: JsonObject, final: JsonObject, at: datetime) -> JsonObject:
    """Let the job end as it will."""
    return final | {
        "assigned_at": running["assigned_at"],
        "started_at": running["started_at"],
        "finished_at": at.strftime(FORM),
        "duration": 20,
        "instance": running["instance"],
    }


def touch(document: JsonObject, at: datetime) -> JsonObject:
    """Write more to a job's output: its instants stay."""
    return document | {"stderr": f"late: {at:%H:%M:%S}\n"}


def to_version(document: JsonObject) -> Version:
    """Read what lists go by."""
    created, finished = (
        None
        if (text := document[key]) is None
        else datetime.strptime(str(text), FORM).replace(tzinfo=UTC)
        for key in ("created_at", "finished_at")
    )
    assert created is not None
    return Version(
        identifier=str(document["uuid"]),
        created_at=created,
        updated_at=finished or created,
        ended_at=finished,
        document=document,
    )


def respond(request: Request, book: Book) -> Answer:
    """Answer as sharedcloud does, a Django application."""
    if request.headers.get("authorization") != f"Token {CREDENTIAL}":
        return to_json({"detail": "Invalid token."}, status=401)
    match = PATH.fullmatch(request.path)
    if match is None or request.method != "GET":
        return to_json({"detail": "Not found."}, status=404)
    brief, identifier, slash = match.groups()
    if not slash:
        return Answer(status=301, headers={"location": f"{request.path}/"})
    if identifier is None:
        return to_list(request, book, LONG_FIELDS if brief else ())
    if identifier not in book.jobs:
        return to_json({"detail": "Not found."}, status=404)
    return to_json(book.jobs[identifier].document | to_server_time())


def to_list(request: Request, book: Book, left_out: Sequence[str]) -> Answer:
    """List all jobs, which is one page."""
    found = book.ordered("created", newest_first)
    now = to_server_time()
    jobs = [
        version.document | now for version in to_page(found, 0, len(found), request.lie)
    ]
    for key in left_out:
        for job in jobs:
            del job[key]
    return to_json(jobs, jobs=len(jobs))


def to_server_time() -> JsonObject:
    """Tell the clock of the server, as each job does."""
    return {"current_server_time": datetime.now(UTC).strftime(FORM)}


def newest_first(version: Version) -> tuple[float, str]:
    """Order jobs by when they were made."""
    return -version.created_at.timestamp(), version.identifier


KIND = Kind(
    make=make_sharedcloud_job,
    write=write,
    wait=wait,
    start=start,
    end=end,
    touch=touch,
    to_version=to_version,
)
