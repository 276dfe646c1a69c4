"""Edge Impulse's interface: jobs by creation, their states, output, and summary."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from gateway.dialects.edge_impulse import decode_job
from gateway.dialects.residue import JsonObject
from gateway.errors import BusyUpstreamError
from gateway.instants import format_rfc3339
from gateway.records import JobRecord, JobSource, JsonValue
from gateway.upstream_settings import UpstreamSettings
from gateway.upstreams.kinds import (
    FAILURE_ATTEMPTS,
    Checkpoint,
    Kind,
    Listing,
    PageFacts,
    Question,
    SummaryQuestions,
    Walk,
    hide,
    to_objects,
)

MILLISECOND_US = 1000


def to_headers(credential: str) -> dict[str, str]:
    """Give the header that carries an API key."""
    return {"x-api-key": credential}


def begin(settings: UpstreamSettings, checkpoint: Checkpoint, now: datetime) -> Walk:
    """Begin a window of creation that ends now: the jobs in it stay the same ones."""
    mark = checkpoint.mark
    since = mark and cut(mark - timedelta(seconds=settings.overlap_s))
    return Walk(since=since, until=cut(now), page_size=settings.page_size)


def cut(instant: datetime) -> datetime:
    """Cut an instant to whole milliseconds, as the interface has them."""
    us = instant.microsecond
    return instant.replace(microsecond=us - us % MILLISECOND_US)


def ask_page(settings: UpstreamSettings, walk: Walk) -> Question:
    """Ask for a part of the window."""
    dates = {"startDate": walk.since, "endDate": walk.until}
    return Question(
        path=to_path(settings, "all"),
        params={
            **{name: to_text(at) for name, at in dates.items() if at is not None},
            "limit": str(walk.page_size),
            "offset": str(walk.position),
        },
    )


def to_path(settings: UpstreamSettings, *parts: str) -> str:
    """Give a path below the project's jobs."""
    quoted = "/".join(quote(part, safe="") for part in parts)
    return f"/api/{settings.project}/jobs/{quoted}"


def to_text(instant: datetime) -> str:
    """Write an instant as the JavaScript client does."""
    return format_rfc3339(instant, "milliseconds")


def read_page(answer: JsonValue) -> Listing:
    """Read a part of the window.

    Raises:
        BusyUpstreamError: It is a failure, or none.
    """
    found = to_success(answer)
    total = found.get("totalJobCount")
    return Listing(
        documents=to_objects(found.get("jobs"), "the list of jobs"),
        total=total if isinstance(total, int) else None,
    )


def to_success(answer: JsonValue) -> JsonObject:
    """Take an answer that is no failure; these come with the status 200.

    Raises:
        BusyUpstreamError: It is one; what it says may tell more than logs should.
    """
    if not isinstance(answer, dict):
        raise BusyUpstreamError("the answer is no JSON object")
    if answer.get("success") is not True:
        raise BusyUpstreamError(
            "the answer says that the request failed", attempts=FAILURE_ATTEMPTS
        )
    return answer


def is_doubtful(walk: Walk, page: PageFacts) -> bool:
    """Tell whether a page is empty, although the list counts more jobs."""
    return not page.count and page.total is not None and walk.position < page.total


def advance(walk: Walk, page: PageFacts) -> Walk | None:
    """Go on by as many jobs as came, until there are no more.

    A page that repeats the one before is no end while the list counts more jobs: the
    one before may have come in its place.
    """
    position = walk.position + page.count
    is_all_given = page.total is None or position >= page.total
    if not page.count or (page.is_repeated and is_all_given):
        return None
    tops = [top for top in (walk.top, page.latest) if top is not None]
    return walk.replace(position=position, top=max(tops, default=None))


def resume(walk: Walk) -> Walk:
    """Go on where the walk was; what is missed then is seen by the count."""
    return walk


def instant_of(record: JobRecord) -> datetime:
    """Give the instant of creation."""
    return record.created_at


def ask_job(settings: UpstreamSettings, identifier: str) -> Question:
    """Ask for a job."""
    return Question(path=to_path(settings, identifier, "status"), may_miss=True)


def read_job(answer: JsonValue) -> JsonObject | None:
    """Read a job; a failure means that there is none, and it is asked for again.

    Raises:
        BusyUpstreamError: The answer is something else.
    """
    if isinstance(answer, dict) and answer.get("success") is False:
        return None
    job = to_success(answer).get("job")
    if not isinstance(job, dict):
        raise BusyUpstreamError("the answer has no job")
    return job


def lacks_detail(settings: UpstreamSettings, document: JsonObject) -> bool:
    """Tell whether a job comes without its output, and it is wanted."""
    return settings.logs and "stdout" not in document


def ask_detail(settings: UpstreamSettings, identifier: str) -> Question:
    """Ask for a job's output."""
    return Question(path=to_path(settings, identifier, "stdout"), may_miss=True)


def add_detail(document: JsonObject, answer: JsonValue) -> JsonObject:
    """Add a job's output to its document, where there is any.

    Raises:
        BusyUpstreamError: The answer is a failure, or no output.
    """
    lines = to_success(answer).get("stdout")
    if not isinstance(lines, list):
        raise BusyUpstreamError("the answer has no output")
    return {**document, "stdout": lines} if lines else document


def ask_summary(settings: UpstreamSettings, start: datetime, end: datetime) -> Question:
    """Ask for the sums of a window."""
    return Question(
        path=to_path(settings, "summary"),
        params={"startDate": to_text(start), "endDate": to_text(end)},
        attempts=FAILURE_ATTEMPTS,
    )


def read_summary(answer: JsonValue) -> Mapping[str, int]:
    """Read the sums, in ms by category.

    Raises:
        BusyUpstreamError: The answer is a failure, or no summary.
    """
    rows = to_objects(to_success(answer).get("summary"), "the summary")
    sums: dict[str, int] = {}
    for row in rows:
        category, length_ms = row.get("category"), row.get("lengthMs")
        if not isinstance(category, str) or not isinstance(length_ms, int):
            raise BusyUpstreamError("the summary has no categories and lengths")
        sums[category] = sums.get(category, 0) + length_ms
    return sums


EDGE_IMPULSE = Kind(
    name="edge-impulse",
    source=JobSource.EDGE_IMPULSE,
    to_headers=to_headers,
    to_public=hide,
    key="id",
    decode=decode_job,
    begin=begin,
    ask_page=ask_page,
    read_page=read_page,
    is_doubtful=is_doubtful,
    advance=advance,
    resume=resume,
    instant_of=instant_of,
    ask_job=ask_job,
    read_job=read_job,
    lacks_detail=lacks_detail,
    ask_detail=ask_detail,
    add_detail=add_detail,
    summary=SummaryQuestions(ask=ask_summary, read=read_summary),
    counts_created=True,
    asks_ended=True,
)
