"""The inputs of a job, and their connection."""

import strawberry

from gateway.query.values import to_big_int, to_instant, to_job_status
from gateway.records import JobStatus
from gateway.schema.fields import (
    READ_BY_PLANS,
    After,
    Before,
    First,
    Last,
    bounded_count,
    column,
    plain,
)
from gateway.schema.relay import PageInfo
from gateway.schema.scalars import BigInt, DateTime


def job_inputs_arguments(
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
    last: Last = strawberry.UNSET,
    before: Before = strawberry.UNSET,
) -> "JobInputConnection":
    """Declare the arguments of lists of inputs, which plans read."""
    raise NotImplementedError(READ_BY_PLANS)


@strawberry.type(description="One input item of a job.")
class JobInputItem:
    identifier: str = column("identifier", description="Name of the input in its job.")
    status: JobStatus | None = column(
        "status", convert=to_job_status, description="Where it stands, if known."
    )
    started_at: DateTime | None = column(
        "started_at", convert=to_instant, description="When work on it began."
    )
    finished_at: DateTime | None = column(
        "finished_at", convert=to_instant, description="When work on it ended."
    )
    elapsed_time: BigInt | None = column(
        "elapsed_ms", convert=to_big_int, description="Time worked on it, in ms."
    )
    byte_amount: BigInt | None = column(
        "input_bytes", convert=to_big_int, description="Its size, in bytes."
    )
    error: str | None = column("error", description="Why it failed.")


@strawberry.type(description="An input of a job, in a list.")
class JobInputEdge:
    cursor: str = plain("Its place in the list, for `after` and `before`.")
    node: JobInputItem = plain("The input.")


@strawberry.type(description="A page of a job's inputs, in the order of the job.")
class JobInputConnection:
    edges: list[JobInputEdge] = plain("The inputs with their cursors.")
    nodes: list[JobInputItem] = plain("The inputs.")
    page_info: PageInfo = plain("Where the page lies.")
    total_count: int = plain("How many there are in all; counted only when asked for.")
    count_up_to: int = bounded_count()
