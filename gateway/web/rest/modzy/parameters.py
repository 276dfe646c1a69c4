"""The parameters of Modzy's routes."""

from collections.abc import Mapping

from gateway.dialects.fields import MAX_INT32
from gateway.query.plan.job_lists import OrderTerm
from gateway.records import PENDING_STATUSES, TERMINATED_STATUSES, JobStatus
from gateway.web.rest.parameters import Parameter, choice, instant, integer, words
from gateway.web.rest.routes import PathParameter

DEFAULT_PER_PAGE = 10
MAX_PER_PAGE = 1_000
HOW_MANY = "Commas and repetition mean any of the values, semicolons all of them."

STATUSES: Mapping[str, frozenset[JobStatus]] = {
    "ALL": frozenset(JobStatus),
    "PENDING": PENDING_STATUSES,
    "TERMINATED": TERMINATED_STATUSES,
    "TERMINATED_WITH_ERROR": TERMINATED_STATUSES - {JobStatus.COMPLETED},
    # Modzy has two words for a waiting job; the gateway has one status.
    "OPEN": frozenset({JobStatus.QUEUED}),
    "SUBMITTED": frozenset({JobStatus.QUEUED}),
    "IN_PROGRESS": frozenset({JobStatus.RUNNING}),
    "COMPLETED": frozenset({JobStatus.COMPLETED}),
    "ERROR": frozenset({JobStatus.FAILED}),
    "CANCELED": frozenset({JobStatus.CANCELED}),
    "TIMEDOUT": frozenset({JobStatus.TIMEDOUT}),
}
ORDERS: Mapping[str, OrderTerm] = {
    "createdAt": OrderTerm(column="created_at"),
    "updatedAt": OrderTerm(column="updated_at"),
    "submittedAt": OrderTerm(column="submitted_at"),
    "identifier": OrderTerm(column="job_identifier"),
    "submittedBy": OrderTerm(column="submitted_by"),
    "submittedJobs": OrderTerm(column="total"),
    "status": OrderTerm(column="raw_status"),
    "total": OrderTerm(column="total"),
    "completed": OrderTerm(column="completed"),
    "fail": OrderTerm(column="failed"),
    "model": OrderTerm(table="models", column="name"),
}


def parse_order(given: str) -> tuple[OrderTerm, ...]:
    """Parse names to order by, separated by commas; case matters.

    Raises:
        ValueError: There is no such name.
    """
    names = dict.fromkeys(name.strip() for name in given.split(","))
    if not ORDERS.keys() >= names.keys():
        raise ValueError(given)
    return tuple(ORDERS[name] for name in names)


JOB = PathParameter(
    name="jobIdentifier",
    description="Identifier of the job.",
    schema={"type": "string"},
)
STATUS = words(
    "status",
    f"Groups or single statuses, in whatever case: {', '.join(STATUSES)}. {HOW_MANY}",
)
MODEL = words(
    "model",
    "Parts of the model's name or identifier, in whatever case, or its whole version."
    f" {HOW_MANY}",
)
USER = words(
    "user",
    "Parts of the user's identifier, in whatever case; with the scope `profile` also of"
    f" first and last name, with `email` also of the address. {HOW_MANY}",
)
ACCESS_KEY = words(
    "accessKey",
    "Parts of the public prefix of the key that submitted the job, in whatever case."
    f" {HOW_MANY}",
)
START = instant("startDate", "Jobs created at this instant or later; not to come.")
END = instant(
    "endDate", "Jobs that ended at this instant or before; only with `startDate`."
)
SORT_BY: Parameter[tuple[OrderTerm, ...]] = Parameter(
    name="sort-by",
    description=f"What to order by, with commas between: {', '.join(ORDERS)}.",
    schema={
        "type": "string",
        "default": "createdAt",
        "pattern": f"^({'|'.join(ORDERS)})(,({'|'.join(ORDERS)}))*$",
    },
    read=parse_order,
    right=f"some of {', '.join(ORDERS)}, with commas between",
)
DIRECTION = choice("direction", "Of the order; else `asc`.", ("asc", "desc"))
PAGE = integer(
    "page", "Which page; the first is 1.", least=1, most=MAX_INT32, default=1
)
PER_PAGE = integer(
    "per-page", "Jobs on a page.", least=1, most=MAX_PER_PAGE, default=DEFAULT_PER_PAGE
)
HISTORY = (
    STATUS,
    MODEL,
    USER,
    ACCESS_KEY,
    START,
    END,
    SORT_BY,
    DIRECTION,
    PAGE,
    PER_PAGE,
)
