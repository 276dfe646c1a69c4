"""The parameters of Edge Impulse's routes."""

from gateway.dialects.fields import MAX_INT64
from gateway.records import PENDING_STATUSES, JobStatus
from gateway.web.rest.parameters import choice, flag, instant, integer, text
from gateway.web.rest.routes import PathParameter

MAX_JOBS = 1_000
MAX_LINES = 1_000
# The most severe first.
LEVELS = ("error", "warn", "info", "debug")
# Studio shows a job that was canceled, or timed out, as failed.
FINISHED = {
    "successful": frozenset({JobStatus.COMPLETED}),
    "failed": frozenset({JobStatus.FAILED, JobStatus.CANCELED, JobStatus.TIMEDOUT}),
    "all": frozenset(JobStatus) - PENDING_STATUSES,
}

PROJECT_NUMBER = integer("projectId", "Number of the project.", least=0, most=MAX_INT64)
PROJECT = PathParameter(
    name=PROJECT_NUMBER.name,
    description=PROJECT_NUMBER.description,
    schema=PROJECT_NUMBER.schema,
)
JOB = PathParameter(
    name="jobId",
    description="Identifier of the job: a number, unless it came with another.",
    schema={"type": "string"},
)
START = instant("startDate", "Jobs created at this instant or later.")
END = instant("endDate", "Jobs created before this instant.")
SUMMARY_START = instant("startDate", "The first instant that counts.", is_required=True)
SUMMARY_END = instant(
    "endDate", "The first instant that does not count any more.", is_required=True
)
LIMIT = integer(
    "limit",
    "Jobs in the answer, at the most.",
    least=1,
    most=MAX_JOBS,
    default=MAX_JOBS,
)
OFFSET = integer("offset", "Jobs to skip.", least=0, most=MAX_INT64, default=0)
ROOT_ONLY = flag(
    "rootOnly", "Taken, and without effect: no job here tells of a parent."
)
KEY = text("key", "The caller's own name for the job.")
CATEGORY = text("category", "Kind of work, for people.")
FINISH = choice("finished", "Jobs that have ended so; `all`: however.", tuple(FINISHED))
LINES = integer(
    "limit", "Lines, the last ones.", least=1, most=MAX_LINES, default=MAX_LINES
)
LEVEL = choice(
    "logLevel",
    "Lines at least as grave as this; those without a level are `info`.",
    LEVELS,
)
