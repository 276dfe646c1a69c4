"""Upstream kinds: which requests read a source system, and what its answers hold.

A kind does no I/O.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from gateway.dialects.context import DecodeContext
from gateway.dialects.residue import JsonObject
from gateway.errors import BusyUpstreamError
from gateway.records import JobRecord, JobSource, JsonValue
from gateway.upstream_settings import UpstreamSettings

MAX_ATTEMPTS = 10
# A failure reported in a successful answer may be transient or permanent.
FAILURE_ATTEMPTS = 3


class StoredValue(BaseModel):
    """A frozen value that the store keeps as JSON."""

    model_config = ConfigDict(frozen=True)

    def replace(self, **changes: object) -> Self:
        """Copy with some fields changed."""
        return self.model_copy(update=changes)


class Walk(StoredValue):
    """How far a list has been read, page by page.

    Attributes:
        since: Jobs before this instant are known, and may end the walk; None: none are.
        until: When the walk began: the end of its window, where the list has one.
        top: The latest instant on the first page.
        position: Where the next page begins: a page's number, or a job's offset.
        page_size: Jobs to request for each page.
        is_resized: Whether `page_size` is what the server gave, fewer than the setting.
        idle_pages: Consecutive pages without a job later than `since`.
        passes: How often the list has been walked, this pass included.
        bound: Only jobs up to this instant count as `brought`.
        brought: Changes in this pass that the pass before should have found.
        missing: Jobs that the list counts and did not give; None: it does not count.
    """

    since: datetime | None = None
    until: datetime
    top: datetime | None = None
    position: int = 0
    page_size: int
    is_resized: bool = False
    idle_pages: int = 0
    passes: int = 1
    bound: datetime | None = None
    brought: int = 0
    missing: int | None = None


class Checkpoint(StoredValue):
    """How far an upstream has been read.

    Attributes:
        target: What was read; the checkpoint of another target is ignored.
        mark: The high-water mark, by the upstream's clock: all up to it is stored.
        round_at: When the last complete round began, by the gateway's clock.
        compared_at: When the upstream's usage was last compared with the store's.
        difference: What differed then.
        missing: Jobs that the list counted and did not give when it was last walked.
        walk: The walk in progress.
    """

    target: str
    mark: datetime | None = None
    round_at: datetime | None = None
    compared_at: datetime | None = None
    difference: str | None = None
    missing: int = 0
    walk: Walk | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRequest:
    """A GET request.

    Attributes:
        path: Below the base URL.
        may_miss: Whether 404 is an answer: there is no such thing.
        max_attempts: How often it is sent at the most.
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    may_miss: bool = False
    max_attempts: int = MAX_ATTEMPTS


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A page of a list, as it was answered.

    Attributes:
        total: How many jobs the list says it has in all.
    """

    documents: Sequence[JsonObject] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What decides where a walk goes after a page.

    Attributes:
        count: How many jobs it names, valid or not.
        is_repeated: Whether all of its jobs were on the page before, too.
        latest: The latest instant of the valid ones, by which the list is ordered.
        total: See `ListPage`.
    """

    count: int
    is_repeated: bool = False
    latest: datetime | None = None
    total: int | None = None


class Kind(Protocol):
    """A source system's interface, without I/O; by default a list without pages.

    Methods that parse an answer raise BusyUpstreamError where it is malformed.

    Attributes:
        id_field: The field of a document that identifies its job.
        job_path: The path of a single job, with fields `{project}` and `{identifier}`.
        detail_path: The path of what its document lacks; None: of the job itself.
        first_position: The position of the first page.
        is_paged: Whether lists have pages, between which jobs may move meanwhile.
        counts_created: Whether a list's total counts the jobs of the walk's window.
        refetches_ended: Whether recently ended jobs are fetched one by one, because no
            list shows their late changes.
        has_usage: Whether it has a usage summary of its own.
    """

    settings: UpstreamSettings
    name: str
    source: JobSource
    id_field: str
    job_path: str
    detail_path: str | None = None
    first_position: int = 0
    is_paged: bool = True
    counts_created: bool = False
    refetches_ended: bool = False
    has_usage: bool = False

    def __init__(self, settings: UpstreamSettings) -> None:
        self.settings = settings

    def to_headers(self, credential: str) -> Mapping[str, str]:
        """Give the headers that carry the credential."""

    def to_public(self, _credential: str) -> str:
        """Give what may be shown in place of the credential."""
        return "***"

    @staticmethod
    def decode(document: object, context: DecodeContext, /) -> JobRecord:
        """Decode a document; see `gateway.dialects`."""

    def begin(self, checkpoint: Checkpoint, now: datetime) -> Walk:
        """Begin a walk of all that has changed since the high-water mark."""
        overlap = timedelta(seconds=self.settings.overlap_s)
        return Walk(
            since=checkpoint.mark and checkpoint.mark - overlap,
            until=now,
            position=self.first_position,
            page_size=self.settings.page_size,
        )

    def to_path(self, template: str, identifier: str = "") -> str:
        """Fill in a path."""
        quoted = quote(identifier, safe="")
        return template.format(project=self.settings.project, identifier=quoted)

    def to_page_request(self, walk: Walk) -> UpstreamRequest:
        """Request a walk's next page."""

    def parse_page(self, answer: JsonValue) -> ListPage:
        """Parse the answer to `to_page_request`."""

    def is_doubtful(self, _walk: Walk, _page: PageFacts) -> bool:
        """Tell whether to fetch a page twice and take the larger answer."""
        return False

    def advance(self, _walk: Walk, _page: PageFacts) -> Walk | None:
        """Move a walk past a page; None at the end of the list."""
        return None

    def resume(self, walk: Walk) -> Walk:
        """Take up a walk that another process began."""
        return walk

    def instant_of(self, record: JobRecord) -> datetime:
        """Give the instant of a record that lists are ordered by."""
        return record.created_at

    def to_job_request(self, identifier: str) -> UpstreamRequest:
        """Request a single job."""
        path = self.to_path(self.job_path, identifier)
        return UpstreamRequest(path=path, may_miss=True)

    def parse_job(self, answer: JsonValue) -> JsonObject | None:
        """Parse the answer to `to_job_request`; None: there is no such job."""
        if not isinstance(answer, dict):
            raise BusyUpstreamError("a job is no JSON object")
        return answer

    def lacks_detail(self, _document: JsonObject) -> bool:
        """Tell whether a document has less than a separate request would give."""
        return False

    def to_detail_request(self, identifier: str) -> UpstreamRequest:
        """Request what a document lacks."""
        path = self.to_path(self.detail_path or self.job_path, identifier)
        return UpstreamRequest(path=path, may_miss=True)

    def add_detail(self, document: JsonObject, _answer: JsonValue) -> JsonObject:
        """Merge the answer to `to_detail_request` into a document."""
        return document

    def to_usage_request(
        self, _start: datetime, _end: datetime
    ) -> UpstreamRequest | None:
        """Request the upstream's own usage of a window; None: it has none."""
        return None

    def parse_usage(self, _answer: JsonValue) -> Mapping[str, int]:
        """Parse the answer to `to_usage_request`: ms by category."""
        return {}


def parse_documents(value: JsonValue, what: str) -> list[JsonObject]:
    """Take a list; what is no object in it becomes an invalid document.

    Raises:
        BusyUpstreamError: It is no list.
    """
    if not isinstance(value, list):
        raise BusyUpstreamError(f"{what} is no list")
    return [each if isinstance(each, dict) else {"": each} for each in value]
