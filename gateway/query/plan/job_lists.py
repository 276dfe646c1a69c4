"""Lists of one source's jobs, paged by offset or by keyset, to shapes and values."""

from dataclasses import dataclass

from gateway.query.plan.filters import Filter, Predicate, Values
from gateway.query.plan.words import WordFilter, WordPredicate, plan_word_filter
from gateway.query.tenant import Tenant
from gateway.records import PENDING_STATUSES, JobSource, JobStatus

UNRESTRICTED = Filter(values={})
MAX_ROWS = 2**63 - 1
# The columns that jobs can be ordered by with an index of their own.
INDEXED = frozenset({"submitted_at", "started_at", "finished_at", "updated_at"})
# The statuses of most jobs in a long history.
COMMON_STATUSES = frozenset({JobStatus.COMPLETED, JobStatus.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerm:
    """A column of ORDER BY; null texts are ordered as empty ones."""

    table: str = "jobs"
    column: str
    is_descending: bool = False


NEWEST_FIRST = OrderTerm(column="created_at", is_descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobList:
    """A page of the jobs of one source, in an order.

    Attributes:
        project_id: The project to list; None: all.
        order: `job_id` breaks ties; empty where one job is looked up.
        has_inputs: Whether the jobs' inputs are read.
        has_logs: Whether their logs are.
        after: The keyset position it begins after: `created_at` in µs and `job_id`. The
            order has a single term then.
    """

    source: JobSource
    project_id: int | None = None
    restriction: Filter = UNRESTRICTED
    words: tuple[WordFilter, ...] = ()
    order: tuple[OrderTerm, ...] = (NEWEST_FIRST,)
    limit: int
    offset: int = 0
    has_inputs: bool = False
    has_logs: bool = False
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobListShape:
    """The shape of a list's statements.

    Attributes:
        in_project: Whether the principal has a project.
        of_project: Whether the list is of one project.
        driver: The column whose index finds the rows.
        statuses: The statuses to list, where the driver is the status.
        is_after: Whether it begins after a keyset position.
    """

    in_project: bool
    of_project: bool
    driver: str
    statuses: tuple[JobStatus, ...]
    predicates: tuple[Predicate, ...]
    words: tuple[WordPredicate, ...]
    order: tuple[OrderTerm, ...]
    is_after: bool


def plan_job_list(listing: JobList, tenant: Tenant) -> tuple[JobListShape, Values]:
    """Plan a listing: the shape of its statements, and the values of its parameters."""
    project_id = tenant.project_id if listing.project_id is None else listing.project_id
    words = [plan_word_filter(at, found) for at, found in enumerate(listing.words)]
    driver = choose_job_driver(listing, project_id)
    statuses = listing.restriction.values["status"] if driver == "status" else ()
    shape = JobListShape(
        in_project=tenant.project_id is not None,
        of_project=project_id is not None,
        driver=driver,
        statuses=tuple(map(JobStatus, statuses)),
        predicates=listing.restriction.predicates,
        words=tuple(predicate for predicate, _ in words),
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
    for _, texts in words:
        values |= texts
    return shape, values


def choose_job_driver(listing: JobList, project_id: int | None) -> str:
    """Choose the column whose index finds the rows soonest, in order where it can.

    Jobs that wait or run are few, however long the history is. Those that failed are
    likely fewer than those of a source, but not than those of a project.
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
