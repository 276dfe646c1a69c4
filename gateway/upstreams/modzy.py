"""Modzy's interface: the history, the latest change first, and single jobs."""

from datetime import datetime, timedelta
from urllib.parse import quote

from gateway.dialects.modzy import decode_job
from gateway.dialects.residue import JsonObject
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
    to_objects,
)

FIRST_PAGE = 1
# Two: one page may be empty, or have changed its place with its neighbour.
IDLE_PAGES = 2


def to_headers(credential: str) -> dict[str, str]:
    """Give the header that carries an API key."""
    return {"authorization": f"ApiKey {credential}"}


def to_public(credential: str) -> str:
    """Give the prefix of an API key, by which a job says who submitted it."""
    prefix, dot, _ = credential.partition(".")
    return f"{prefix}.***" if dot else "***"


def begin(settings: UpstreamSettings, checkpoint: Checkpoint, now: datetime) -> Walk:
    """Begin at the latest change; it is over a while before the last one known."""
    mark = checkpoint.mark
    since = mark and mark - timedelta(seconds=settings.overlap_s)
    size = settings.page_size
    return Walk(since=since, until=now, position=FIRST_PAGE, page_size=size)


def ask_page(_: UpstreamSettings, walk: Walk) -> Question:
    """Ask for a page of the history."""
    return Question(
        path="/jobs/history",
        params={
            "status": "all",
            "sort-by": "updatedAt",
            "direction": "DESC",
            "page": str(walk.position),
            "per-page": str(walk.page_size),
        },
    )


def read_page(answer: JsonValue) -> Listing:
    """Read a page: a bare list."""
    return Listing(documents=to_objects(answer, "the job history"))


def advance(walk: Walk, page: PageFacts) -> Walk | None:
    """Go on to the next page, as long as pages have something to look for.

    While a walk goes on, jobs move to later pages as others come or change; those that
    change move to the front, where the next walk sees them. So nothing is missed.
    """
    idle = walk.idle_pages + 1 if is_idle(walk, page) else 0
    if idle >= IDLE_PAGES:
        return None
    following = walk.replace(position=walk.position + 1, idle_pages=idle)
    if walk.position > FIRST_PAGE or not page.count:
        return following
    if page.latest is not None:
        following = following.replace(top=min(page.latest, walk.until))
    if page.count < walk.page_size:
        # The server gives no more at once, or there is no more. Whether it counts
        # pages by what it is asked for or by what it gives, both are the same now.
        following = following.replace(page_size=page.count, is_resized=True)
    return following


def resume(walk: Walk) -> Walk:
    """Look at the last page again: what was on it is not known any more."""
    position = max(FIRST_PAGE, walk.position - 1)
    return walk.replace(position=position, idle_pages=0)


def is_doubtful(walk: Walk, page: PageFacts) -> bool:
    """Tell whether a first page is short: of a small history, or cut off."""
    is_first = walk.position == FIRST_PAGE and not walk.is_resized
    return is_first and 0 < page.count < walk.page_size


def is_idle(walk: Walk, page: PageFacts) -> bool:
    """Tell whether a page has nothing that is later than what is known.

    An upstream that gives the same page whatever it is asked for has nothing, either.
    """
    if not page.count or page.is_repeated:
        return True
    if walk.since is None or page.latest is None:
        return False
    return page.latest < walk.since


def instant_of(record: JobRecord) -> datetime:
    """Give the instant of the last change."""
    return record.updated_at


def ask_job(_: UpstreamSettings, identifier: str) -> Question:
    """Ask for a job."""
    return Question(path=f"/jobs/{quote(identifier, safe='')}", may_miss=True)


def read_job(answer: JsonValue) -> JsonObject | None:
    """Read a job.

    Raises:
        BusyUpstreamError: It is none.
    """
    if not isinstance(answer, dict):
        raise BusyUpstreamError("a job is no JSON object")
    return answer


def lacks_detail(_: UpstreamSettings, __: JsonObject) -> bool:
    """A history tells of a job all there is."""
    return False


def add_detail(document: JsonObject, _: JsonValue) -> JsonObject:
    """Add nothing."""
    return document


MODZY = Kind(
    name="modzy",
    source=JobSource.MODZY,
    to_headers=to_headers,
    to_public=to_public,
    key="jobIdentifier",
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
    ask_detail=ask_job,
    add_detail=add_detail,
)
