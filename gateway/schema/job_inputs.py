"""The GraphQL types of a job's inputs."""

import strawberry

from gateway.query.values import to_big_int, to_instant, to_job_status
from gateway.records import JobStatus
from gateway.schema.fields import bounded_count, column, plain
from gateway.schema.relay import PageInfo
from gateway.schema.scalars import BigInt, DateTime


@strawberry.type(description="One input item of a job.")
class JobInputItem:
    identifier: str = column("Name of the input in its job.")
    status: JobStatus | None = column(
        "Where it stands, if known.", convert=to_job_status
    )
    started_at: DateTime | None = column("When work on it began.", convert=to_instant)
    finished_at: DateTime | None = column("When work on it ended.", convert=to_instant)
    elapsed_time: BigInt | None = column(
        "Time worked on it, in ms.", columns=("elapsed_ms",), convert=to_big_int
    )
    byte_amount: BigInt | None = column(
        "Its size, in bytes.", columns=("input_bytes",), convert=to_big_int
    )
    error: str | None = column("Why it failed.")


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
