"""Lists of one source's jobs, by offset or from a job on: what is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.query.plan.filters import Filter, Predicate
from gateway.query.plan.words import Similar, Words, to_possible, to_word_values
from gateway.query.tenant import Tenant
from gateway.records import PENDING_STATUSES, JobSource, JobStatus

UNRESTRICTED = Filter(values={})
MAX_ROWS = 2**63 - 1
# The columns that jobs can be ordered by with an index of their own.
INDEXED = frozenset({"submitted_at", "started_at", "finished_at", "updated_at"})
# What most jobs of a long history are.
COMMON_STATUSES = frozenset({JobStatus.COMPLETED, JobStatus.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerm:
    """A column that rows are ordered by; texts that are unknown count as empty."""

    table: str = "jobs"
    column: str
    is_descending: bool = False


NEWEST_FIRST = OrderTerm(column="created_at", is_descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFilter:
    """Words, and where they must be; see `Similar`."""

    table: str
    columns: tuple[str, ...]
    whole: tuple[str, ...] = ()
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is asked for: jobs of one source in an order, and a part of them.

    Attributes:
        project_id: The only project whose jobs are wanted; None: those of all.
        order: The job's number breaks ties; empty where one job is looked up.
        has_logs: Whether what the jobs printed is read.
        after: The job that it begins behind: its instant of creation in µs, its number.
            The order is one term then.
    """

    source: JobSource
    project_id: int | None = None
    restriction: Filter = UNRESTRICTED
    words: tuple[WordFilter, ...] = ()
    order: tuple[OrderTerm, ...] = (NEWEST_FIRST,)
    limit: int
    offset: int = 0
    has_logs: bool = False
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShape:
    """A list, apart from its values.

    Attributes:
        in_project: Whether the principal has a project.
        of_project: Whether the list is of one project.
        driver: The column whose index brings the rows.
        statuses: The only ones that are wanted, where the driver is the status.
        is_after: Whether it begins behind a job.
    """

    in_project: bool
    of_project: bool
    driver: str
    statuses: tuple[JobStatus, ...]
    predicates: tuple[Predicate, ...]
    words: tuple[Similar, ...]
    order: tuple[OrderTerm, ...]
    is_after: bool


def to_shape(listing: Listing, tenant: Tenant) -> tuple[ListShape, Mapping[str, Any]]:
    """Tell a listing's shape from its values."""
    project_id = tenant.project_id if listing.project_id is None else listing.project_id
    words = {
        f"words_{at}": replace(found, words=to_possible(found.words))
        for at, found in enumerate(listing.words)
    }
    driver = to_driver(listing, project_id)
    statuses = listing.restriction.values["status"] if driver == "status" else ()
    shape = ListShape(
        in_project=tenant.project_id is not None,
        of_project=project_id is not None,
        driver=driver,
        statuses=tuple(map(JobStatus, statuses)),
        predicates=listing.restriction.predicates,
        words=tuple(to_similar(name, found) for name, found in words.items()),
        order=listing.order,
        is_after=listing.after is not None,
    )
    after_value, after_key = listing.after or (None, None)
    values = {
        **tenant.values,
        **listing.restriction.values,
        "source": listing.source.value,
        "of_project": project_id,
        "limit": listing.limit,
        "offset": listing.offset,
        "reach": min(listing.limit + listing.offset, MAX_ROWS),
        "after_value": after_value,
        "after_key": after_key,
    }
    for name, found in words.items():
        values |= to_word_values(name, found.words)
    return shape, values


def to_driver(listing: Listing, project_id: int | None) -> str:
    """Choose the column whose index finds the rows soonest, in order if it can.

    Jobs that wait or run are few, however long the history is; those that failed are
    likely fewer than those of a source, though not than those of a project.
    """
    values = listing.restriction.values
    if "job_identifier" in values:
        return "job_identifier"
    first = listing.order[0].column
    if first in INDEXED:
        return first
    statuses = frozenset(values.get("status", COMMON_STATUSES))
    is_by_creation = len(listing.order) == 1 and first == NEWEST_FIRST.column
    is_rare = statuses <= PENDING_STATUSES or (
        project_id is None and not statuses & COMMON_STATUSES
    )
    if is_by_creation and is_rare:
        return "status"
    return "source" if project_id is None else "project_id"


def to_similar(parameter: str, found: WordFilter) -> Similar:
    """Tell where words must be, apart from the words."""
    return Similar(
        table=found.table,
        columns=found.columns,
        whole=found.whole,
        parameter=parameter,
        sizes=tuple(len(group) for group in found.words),
    )
