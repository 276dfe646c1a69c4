"""sharedcloud's interface: one list of all jobs, and single jobs with their logs."""

from datetime import datetime
from urllib.parse import quote

from gateway.dialects.residue import JsonObject
from gateway.dialects.sharedcloud import decode_job
from gateway.errors import BusyUpstreamError
from gateway.records import JobRecord, JobSource, JsonValue
from gateway.upstream_settings import UpstreamSettings
from gateway.upstreams.kinds import (
    Checkpoint,
    Kind,
    Listing,
    PageFacts,
    Question,
    Walk,
    hide,
    is_never_doubtful,
    to_objects,
)

# What a list may leave out.
DETAILS = ("build_logs", "stdout", "stderr", "result")
# When the answer was made: it says nothing of the job.
CLOCK = "current_server_time"


def to_headers(credential: str) -> dict[str, str]:
    """Give the header that carries a token."""
    return {"authorization": f"Token {credential}"}


def begin(settings: UpstreamSettings, _: Checkpoint, now: datetime) -> Walk:
    """Begin with all there is: the list knows no pages."""
    return Walk(until=now, page_size=settings.page_size)


def ask_page(_: UpstreamSettings, __: Walk) -> Question:
    """Ask for the list."""
    return Question(path="/api/v1/jobs/")


def read_page(answer: JsonValue) -> Listing:
    """Read the list: a bare one."""
    documents = to_objects(answer, "the list of jobs")
    return Listing(documents=[without_clock(each) for each in documents])


def without_clock(document: JsonObject) -> JsonObject:
    """Leave out when the answer was made."""
    return {key: value for key, value in document.items() if key != CLOCK}


def advance(_: Walk, __: PageFacts) -> None:
    """End: there is one page."""


def resume(walk: Walk) -> Walk:
    """Begin again: there is one page."""
    return walk


def instant_of(record: JobRecord) -> datetime:
    """Give the instant of creation."""
    return record.created_at


def ask_job(_: UpstreamSettings, identifier: str) -> Question:
    """Ask for a job with its logs."""
    return Question(path=f"/api/v1/jobs/{quote(identifier, safe='')}/", may_miss=True)


def read_job(answer: JsonValue) -> JsonObject | None:
    """Read a job.

    Raises:
        BusyUpstreamError: It is none.
    """
    if not isinstance(answer, dict):
        raise BusyUpstreamError("a job is no JSON object")
    return without_clock(answer)


def lacks_detail(_: UpstreamSettings, document: JsonObject) -> bool:
    """Tell whether the list leaves out what the job's own document may have."""
    return any(key not in document for key in DETAILS)


def add_detail(document: JsonObject, answer: JsonValue) -> JsonObject:
    """Take the job's own document instead.

    Raises:
        BusyUpstreamError: It is none, or another job's.
    """
    found = read_job(answer)
    if found is None or found.get("uuid") != document.get("uuid"):
        raise BusyUpstreamError("another job came than was asked for")
    return found


SHAREDCLOUD = Kind(
    name="sharedcloud",
    source=JobSource.SHAREDCLOUD,
    to_headers=to_headers,
    to_public=hide,
    key="uuid",
    decode=decode_job,
    begin=begin,
    ask_page=ask_page,
    read_page=read_page,
    is_doubtful=is_never_doubtful,
    advance=advance,
    resume=resume,
    instant_of=instant_of,
    ask_job=ask_job,
    read_job=read_job,
    lacks_detail=lacks_detail,
    ask_detail=ask_job,
    add_detail=add_detail,
    is_paged=False,
)
