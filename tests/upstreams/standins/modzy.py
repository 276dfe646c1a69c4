"""Modzy as a stand-in: an account's job history, in any order it knows."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from gateway.cli.made_sources import make_modzy_job
from gateway.dialects.modzy import encode_job
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

CREDENTIAL = "public.body"
# No client gets more at once, whatever it asks for.
MOST = 400
PENDING = ("OPEN", "SUBMITTED", "IN_PROGRESS")
GROUPS: Mapping[str, Callable[[str], bool]] = {
    "ALL": lambda _: True,
    "PENDING": lambda word: word in PENDING,
    "TERMINATED": lambda word: word not in PENDING,
}
KNOWN = (
    *("user", "accessKey", "model", "status", "startDate", "endDate"),
    *("sort-by", "direction", "page", "per-page"),
)
REASONS = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


def write(record: JobRecord, random: Random) -> JsonObject:
    """Write a job as the system does, with what the gateway has no field for."""
    document = encode_job(record) | {
        "accountIdentifier": "5d2f7a",
        "team": {"identifier": f"team-{random.randrange(4)}"},
        "hoursDeleteInput": random.choice((24, 72, None)),
    }
    user = document["user"]
    assert isinstance(user, dict)
    keys: list[JsonValue] = [{"prefix": record.submitted_by, "isDefault": True}]
    document["user"] = user | {"accessKeys": keys, "pictureURL": None}
    if random.randrange(3) == 0:
        # Both spellings of an offset occur.
        document["createdAt"] = str(document["createdAt"]).replace("+00:00", "+0000")
    return document


def wait(final: JsonObject) -> JsonObject:
    """Take away what has not happened."""
    gone = ("elapsedTime", "queueTime")
    waiting = {key: value for key, value in final.items() if key not in gone}
    return waiting | {
        "status": "SUBMITTED",
        "updatedAt": final["createdAt"],
        "pending": final["total"],
        "completed": 0,
        "failed": 0,
        "jobInputs": [{"identifier": f"input-{n:02}"} for n in range(3)],
    }


def start(waiting: JsonObject, at: datetime) -> JsonObject:
    """Let the job start."""
    submitted_at = to_instant(str(waiting["submittedAt"]))
    return waiting | {
        "status": "IN_PROGRESS",
        "queueTime": (at - submitted_at) // timedelta(milliseconds=1),
        "updatedAt": to_text(at),
    }


def end(running: JsonObject, final: JsonObject, at: datetime) -> JsonObject:
    """Let the job end as it will."""
    ran = at - to_instant(str(running["updatedAt"]))
    return final | {
        "queueTime": running["queueTime"],
        "elapsedTime": ran // timedelta(milliseconds=1),
        "updatedAt": to_text(at),
    }


def touch(document: JsonObject, at: datetime) -> JsonObject:
    """Change a detail of a job that has ended."""
    return document | {"hoursDeleteInput": 1, "updatedAt": to_text(at)}


def to_text(instant: datetime) -> str:
    """Write an instant."""
    return instant.isoformat(timespec="milliseconds")


def to_version(document: JsonObject) -> Version:
    """Read what lists go by."""
    updated_at = to_instant(str(document["updatedAt"]))
    return Version(
        identifier=str(document["jobIdentifier"]),
        created_at=to_instant(str(document["createdAt"])),
        updated_at=updated_at,
        ended_at=None if document["status"] in PENDING else updated_at,
        document=document,
    )


def respond(request: Request, book: Book) -> Answer:
    """Answer as Modzy does."""
    try:
        return to_answer(request, book)
    except RequestError as exc:
        failure = {
            "statusCode": exc.status,
            "status": REASONS[exc.status],
            "message": exc.message,
            "reportErrorUrl": "https://report.example.com",
        }
        return to_json(failure, status=exc.status)


def to_answer(request: Request, book: Book) -> Answer:
    """Answer a path.

    Raises:
        RequestError: There is no such path, or a parameter is wrong.
    """
    if request.headers.get("authorization") != f"ApiKey {CREDENTIAL}":
        raise RequestError(401, "The API key is missing, unknown or inactive")
    if request.path in {"/api/models", "/api/models/requirements/account"}:
        return to_json([])
    if request.path == "/api/jobs/history" and request.method == "GET":
        return to_history(request, book)
    match = re.fullmatch(r"/api/jobs/([\w-]+)", request.path)
    if match is None or match[1] not in book.jobs:
        raise RequestError(404, "Not found")
    return to_json(book.jobs[match[1]].document)


def to_history(request: Request, book: Book) -> Answer:
    """Give a page, and whether there is another.

    Raises:
        RequestError: A parameter is wrong.
    """
    query = request.query
    if unknown := query.keys() - set(KNOWN):
        raise RequestError(400, f"{', '.join(sorted(unknown))} is not supported")
    found = to_found(query, book)
    number, size = to_count(query, "page", 1), to_count(query, "per-page", 10)
    size = min(size, MOST)
    offset = max(0, number - 1) * size
    documents = [
        version.document for version in to_page(found, offset, size, request.lie)
    ]
    answer = to_json(documents, jobs=len(documents))
    if offset + size >= len(found):
        return answer
    link = f'<http://modzy/api/jobs/history?page={number + 1}>; rel="next"'
    return replace(answer, headers={**answer.headers, "link": link})


def to_found(query: Mapping[str, str], book: Book) -> list[Version]:
    """Filter and order the jobs.

    Raises:
        RequestError: A parameter is wrong.
    """
    since, until = (
        to_instant(query[key]) if key in query else None
        for key in ("startDate", "endDate")
    )
    if until and not since:
        raise RequestError(400, "endDate needs startDate")
    # The clocks of two machines never agree.
    if since and since > datetime.now(UTC) + timedelta(minutes=1):
        raise RequestError(400, "startDate is in the future")
    status = query.get("status", "all").upper()
    found = list(to_ordered(query.get("sort-by", "createdAt"), book))
    if status != "ALL" or since:
        has_word = to_word_filter(status)
        found = [
            version
            for version in found
            if has_word(str(version.document["status"]))
            and (since is None or since <= version.created_at)
            and (until is None or (version.ended_at and version.ended_at <= until))
        ]
    if query.get("direction", "ASC").upper() == "DESC":
        found.reverse()
    return found


def to_ordered(name: str, book: Book) -> list[Version]:
    """Order all jobs.

    Raises:
        RequestError: There is no such order.
    """
    if name not in ORDERS:
        raise RequestError(400, f"sort-by {name} is not supported")
    return book.ordered(name, ORDERS[name])


def to_word_filter(status: str) -> Callable[[str], bool]:
    """Take a group or a word."""
    return GROUPS.get(status, status.__eq__)


def to_count(query: Mapping[str, str], key: str, default: int) -> int:
    """Read a number.

    Raises:
        RequestError: It is none.
    """
    text = query.get(key, str(default))
    if not text.isdecimal() or text == "0":
        raise RequestError(400, f"{key} must be a number")
    return int(text)


# The identifier breaks ties, so that pages have no gaps while nothing changes.
ORDERS: Mapping[str, Callable[[Version], tuple[Any, ...]]] = {
    "createdAt": lambda version: (version.created_at, version.identifier),
    "submittedAt": lambda version: (version.created_at, version.identifier),
    "updatedAt": lambda version: (version.updated_at, version.identifier),
    "identifier": lambda version: (version.identifier,),
    "status": lambda version: (str(version.document["status"]), version.identifier),
}
KIND = Kind(
    make=make_modzy_job,
    write=write,
    wait=wait,
    start=start,
    end=end,
    touch=touch,
    to_version=to_version,
)
