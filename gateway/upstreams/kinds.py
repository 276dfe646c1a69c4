"""The words in which a source system's interface is told to the loop that reads it.

A kind holds no I/O: it says which request comes next, and what an answer holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from gateway.dialects.context import DecodeContext
from gateway.dialects.residue import JsonObject
from gateway.errors import BusyUpstreamError
from gateway.records import JobRecord, JobSource, JsonValue
from gateway.upstream_settings import UpstreamSettings

MAX_ATTEMPTS = 10
# A failure that is told in an answer of its own may pass, or may be for ever.
FAILURE_ATTEMPTS = 3


class Walk(BaseModel):
    """A walk through a list, page by page, as far as it has come.

    Attributes:
        since: Where it may end, because all before is known; None walks everything.
        until: When it began: the end of the window it walks, where the list has one.
        top: The latest instant on its first page.
        position: Where the next page begins: a page's number, or a job's offset.
        page_size: What pages are asked to have.
        is_resized: Whether that is what the first page had, less than was set.
        idle_pages: How many pages in a row brought nothing that was looked for.
        passes: How often the list has been walked for this, this time included.
        bound: Up to which instant jobs are no news to this pass.
        brought: News this pass brought that the one before should have brought.
        missing: Jobs that the list counts and did not give; None: it does not count.
    """

    model_config = ConfigDict(frozen=True)

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

    def replace(self, **changes: object) -> "Walk":
        """Give a copy with some fields changed."""
        return self.model_copy(update=changes)


class Checkpoint(BaseModel):
    """How far an upstream has been read.

    Attributes:
        target: What was read; a checkpoint of something else does not count.
        mark: The instant, by the upstream's own clock, up to which all is known.
        round_at: When the last whole round began, by the gateway's clock.
        compared_at: When the upstream's own sums were last compared with the store's.
        difference: What differed then.
        missing: Jobs that the list counted and did not give when it was last walked.
        walk: What is under way.
    """

    model_config = ConfigDict(frozen=True)

    target: str
    mark: datetime | None = None
    round_at: datetime | None = None
    compared_at: datetime | None = None
    difference: str | None = None
    missing: int = 0
    walk: Walk | None = None

    def replace(self, **changes: object) -> "Checkpoint":
        """Give a copy with some fields changed."""
        return self.model_copy(update=changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A GET request.

    Attributes:
        path: Below the base URL.
        may_miss: Whether 404 is an answer, too: there is no such thing.
        attempts: How often it is asked at the most.
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    may_miss: bool = False
    attempts: int = MAX_ATTEMPTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a page of a list holds.

    Attributes:
        total: How many jobs the list says it has in all.
    """

    documents: Sequence[JsonObject]
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What a walk has to know of a page.

    Attributes:
        count: How many documents it has, good or bad, each job counted once.
        is_repeated: Whether it has no job that the page before had not, however often
            it is asked for.
        latest: The latest instant of the good ones, by which the list is ordered.
        total: See `Listing`.
    """

    count: int
    is_repeated: bool = False
    latest: datetime | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryQuestions:
    """How an upstream is asked for its own sums of usage.

    Attributes:
        ask: From the window's start and end to the request.
        read: From the answer to ms by category.
    """

    ask: Callable[[UpstreamSettings, datetime, datetime], Question]
    read: Callable[[JsonValue], Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A source system's interface, as pure functions.

    What reads an answer raises BusyUpstreamError where it is not of the interface.

    Attributes:
        to_headers: From the credential to the headers that carry it.
        to_public: What may be shown in place of the credential.
        key: The field of a document that names its job.
        decode: From a document to a record; see `gateway.dialects`.
        begin: The first step of a walk, from the checkpoint, at an instant.
        ask_page: The request for a walk's next page.
        read_page: What its answer holds.
        is_doubtful: Whether a page is asked for twice, the larger answer counting.
        advance: The walk after a page; None: it is at its end.
        resume: The walk that another process began, so that nothing is missed.
        instant_of: The instant of a record that lists are walked by.
        ask_job: The request for one job's document.
        read_job: What its answer holds; None: there is no such job.
        lacks_detail: Whether a list's document has less than the job's own.
        ask_detail: The request for what it lacks.
        add_detail: The document with what it lacked.
        summary: How the upstream's own sums are asked for, where it has them.
        counts_created: Whether a list's total counts the jobs of the walk's window.
        is_paged: Whether lists come in pages, between which jobs change their places.
        asks_ended: Whether jobs that ended a short while ago are asked for one by one,
            since no list would tell of a late change.
    """

    name: str
    source: JobSource
    to_headers: Callable[[str], Mapping[str, str]]
    to_public: Callable[[str], str]
    key: str
    decode: Callable[[object, DecodeContext], JobRecord]
    begin: Callable[[UpstreamSettings, Checkpoint, datetime], Walk]
    ask_page: Callable[[UpstreamSettings, Walk], Question]
    read_page: Callable[[JsonValue], Listing]
    is_doubtful: Callable[[Walk, PageFacts], bool]
    advance: Callable[[Walk, PageFacts], Walk | None]
    resume: Callable[[Walk], Walk]
    instant_of: Callable[[JobRecord], datetime]
    ask_job: Callable[[UpstreamSettings, str], Question]
    read_job: Callable[[JsonValue], JsonObject | None]
    lacks_detail: Callable[[UpstreamSettings, JsonObject], bool]
    ask_detail: Callable[[UpstreamSettings, str], Question]
    add_detail: Callable[[JsonObject, JsonValue], JsonObject]
    summary: SummaryQuestions | None = None
    counts_created: bool = False
    is_paged: bool = True
    asks_ended: bool = False

    @property
    def tells_all_of_a_job(self) -> bool:
        """Whether a job's own document is what adds the details, too."""
        return self.ask_detail is self.ask_job


def hide(_: str) -> str:
    """Give what stands for a credential that has no public part."""
    return "***"


def is_never_doubtful(_: Walk, __: PageFacts) -> bool:
    """Take every page as it comes."""
    return False


def to_objects(value: JsonValue, what: str) -> list[JsonObject]:
    """Take a list of documents; what is no object in it is a bad document, kept.

    Raises:
        BusyUpstreamError: It is no list.
    """
    if not isinstance(value, list):
        raise BusyUpstreamError(f"{what} is no list")
    return [each if isinstance(each, dict) else {"": each} for each in value]
