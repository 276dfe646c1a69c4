"""Edge Impulse Studio as a stand-in: one project's jobs, newest first."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random

from gateway.cli.made_sources import make_edge_impulse_job
from gateway.dialects.edge_impulse import encode_job
from gateway.dialects.residue import JsonObject
from gateway.records import JobRecord, JsonValue
from tests.upstreams.standins.book import Book, Kind, Version
from tests.upstreams.standins.lies import to_page
from tests.upstreams.standins.requests import (
    Answer,
    Request,
    RequestError,
    to_instant,
    to_json,
)

PROJECT, CREDENTIAL = 42, "ei_key"
# No client gets more at once, whatever it asks for.
MOST = 250
RUN_FIELDS = ("started", "finished", "finishedSuccessful", "computeTime")
PATH = re.compile(r"/v1/api/(\d+)/jobs(?:/(\w+))?(?:/(\w+))?")


def write(record: JobRecord, random: Random) -> JsonObject:
    """Write a job as the system does, with what the gateway has no field for."""
    document = encode_job(record)
    number = int(record.job_identifier)
    document["id"] = 12_873_000_000 + number  # beyond 32 bits
    document["jobNotificationUids"] = [random.randrange(1000, 1020)]
    if number % 7 == 0:
        document["categoryCount"] = number
        document["metadata"] = {"learnBlocks": [{"id": 3, "rate": 0.005}], "x": None}
    if number % 11 == 0:
        document["additionalInfo"] = "naïve: “retrained” 模型"
    return document


def wait(final: JsonObject) -> JsonObject:
    """Take away what has not happened."""
    return {key: value for key, value in final.items() if key not in RUN_FIELDS}


def start(waiting: JsonObject, at: datetime) -> JsonObject:
    """Let the job start."""
    return waiting | {"started": to_text(at)}


def end(running: JsonObject, final: JsonObject, at: datetime) -> JsonObject:
    """Let the job end as it will."""
    started = datetime.fromisoformat(str(running["started"]))
    ended: JsonObject = {
        "finished": to_text(at),
        "finishedSuccessful": final.get("finishedSuccessful", False),
        "computeTime": round((at - started).total_seconds() * 0.9, 3),
    }
    return running | ended


def touch(document: JsonObject, at: datetime) -> JsonObject:
    """Tell more of a job: its instants stay."""
    return document | {"metadata": {"seenAt": to_text(at)}}


def to_text(instant: datetime) -> str:
    """Write an instant."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_version(document: JsonObject) -> Version:
    """Read what lists go by."""
    created, started, finished = (
        None if (text := document.get(key)) is None else to_instant(str(text))
        for key in ("created", "started", "finished")
    )
    assert created is not None
    return Version(
        identifier=str(document["id"]),
        created_at=created,
        updated_at=finished or started or created,
        ended_at=finished,
        document=document,
    )


def respond(request: Request, book: Book) -> Answer:
    """Answer as Studio does: what fails has `success` false, and 200 as a rule."""
    try:
        return to_answer(request, book, *to_names(request))
    except RequestError as exc:
        return to_json({"success": False, "error": exc.message}, status=exc.status)


def to_names(request: Request) -> tuple[str | None, str | None]:
    """Read what follows the project's jobs in a path.

    Raises:
        RequestError: There is no such path, or the client may not ask.
    """
    match = PATH.fullmatch(request.path)
    if match is None or request.method != "GET":
        raise RequestError(404, "Not found")
    if request.headers.get("x-api-key") != CREDENTIAL:
        raise RequestError(401, "Invalid API key")
    if int(match[1]) != PROJECT:
        raise RequestError(200, "You do not have access to this project")
    return match[2], match[3]


def to_answer(
    request: Request, book: Book, name: str | None, detail: str | None
) -> Answer:
    """Answer a path below the project's jobs.

    Raises:
        RequestError: There is no such path, or a parameter is wrong.
    """
    if detail is None and name == "summary":
        return to_json(to_summary(request.query, book))
    if detail is None and name in LISTED:
        return to_list(request, book, name)
    if name not in book.jobs or detail not in {"status", "stdout"}:
        raise RequestError(200, "No job found with that ID" if detail else "Not found")
    document = book.jobs[name].document
    if detail == "status":
        return to_json({"success": True, "job": document})
    lines = to_stdout(document)
    return to_json({"success": True, "stdout": lines, "totalCount": len(lines)})


def to_stdout(document: JsonObject) -> list[JsonValue]:
    """Give what a job has printed so far, in lines."""
    return [
        {"created": document[key], "data": f"{document['key']} has {key}\n"}
        for key in ("started", "finished")
        if key in document
    ]


def to_list(request: Request, book: Book, name: str | None) -> Answer:
    """List jobs: active, ended, or all.

    Raises:
        RequestError: A parameter is wrong.
    """
    query = request.query
    unknown = query.keys() - {"startDate", "endDate", "limit", "offset", "rootOnly"}
    if unknown:
        raise RequestError(200, f"Unknown parameters: {', '.join(sorted(unknown))}")
    since, until = (
        to_instant(query[key]) if key in query else None
        for key in ("startDate", "endDate")
    )
    versions = to_window(book.ordered("created", newest_first), since, until)
    found = versions if name == "all" else list(filter(LISTED[name], versions))
    limit = min(MOST, to_count(query, "limit", 20))
    page = to_page(found, to_count(query, "offset", 0), limit, request.lie)
    documents = [version.document for version in page]
    answer = {"success": True, "jobs": documents, "totalJobCount": len(found)}
    return to_json(answer, jobs=len(documents))


def to_window(
    versions: list[Version], since: datetime | None, until: datetime | None
) -> list[Version]:
    """Take the jobs that were made from one instant up to another."""
    first, last = (
        default if at is None else bisect_right(versions, to_place(at), key=to_age)
        for at, default in ((until, 0), (since, len(versions)))
    )
    return versions[first:last]


def to_age(version: Version) -> float:
    """Give what grows with a job's age."""
    return to_place(version.created_at)


def to_place(instant: datetime) -> float:
    """Tell where an instant stands, the latest first."""
    return -instant.timestamp()


def newest_first(version: Version) -> tuple[float, int]:
    """Order jobs by when they were made."""
    return to_age(version), -int(version.identifier)


def to_count(query: Mapping[str, str], key: str, default: int) -> int:
    """Read a number.

    Raises:
        RequestError: It is none.
    """
    text = query.get(key, str(default))
    if not text.isdecimal():
        raise RequestError(200, f"{key} must be a number")
    return int(text)


def to_summary(query: Mapping[str, str], book: Book) -> JsonObject:
    """Sum up the time that runs spent in a window, by category.

    Raises:
        RequestError: A date is missing or wrong.
    """
    if not query.keys() >= {"startDate", "endDate"}:
        raise RequestError(200, "startDate and endDate are required")
    window = to_instant(query["startDate"]), to_instant(query["endDate"])
    sums: dict[str, int] = {}
    for category, started_at, ended_at in to_runs(book):
        inside = min(ended_at, window[1]) - max(started_at, window[0])
        if inside > timedelta():
            ms = sums.get(category, 0) + inside // timedelta(milliseconds=1)
            sums[category] = ms
    summary: list[JsonValue] = [
        {"category": category, "lengthMs": ms} for category, ms in sums.items()
    ]
    return {"success": True, "summary": summary}


def to_runs(book: Book) -> Iterator[tuple[str, datetime, datetime]]:
    """Give category, start and end of each run; one that goes on ends now."""
    for version in book.jobs.values():
        document = version.document
        if "started" in document:
            started_at = to_instant(str(document["started"]))
            ended_at = version.ended_at or max(started_at, datetime.now(UTC))
            if "finished" in document and "computeTime" in document:
                seconds = float(str(document["computeTime"]))
                ended_at = started_at + timedelta(milliseconds=round(seconds * 1000))
            yield str(document["category"]), started_at, ended_at


LISTED: Mapping[str | None, Callable[[Version], bool]] = {
    None: lambda version: version.ended_at is None,
    "history": lambda version: version.ended_at is not None,
    "all": lambda _: True,
}
KIND = Kind(
    make=make_edge_impulse_job,
    write=write,
    wait=wait,
    start=start,
    end=end,
    touch=touch,
    to_version=to_version,
    lists_changes=False,
)
