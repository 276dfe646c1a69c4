"""The types of the contestant in plain Strawberry: attributes of ORM objects."""

from datetime import datetime
from decimal import Decimal
from typing import NewType

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from gateway.records import JobSource, JobStatus
from tests.benchmarks.orm import InputRow, JobRow, ModelRow

BigInt = NewType("BigInt", int)
DateTime = NewType("DateTime", datetime)
Money9 = NewType("Money9", Decimal)
SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(name="BigInt", serialize=int, parse_value=int),
    DateTime: strawberry.scalar(
        name="DateTime",
        serialize=lambda value: value.isoformat().replace("+00:00", "Z"),
        parse_value=datetime.fromisoformat,
    ),
    Money9: strawberry.scalar(
        name="Decimal", serialize=lambda value: format(value, "f"), parse_value=Decimal
    ),
}
CONFIG = StrawberryConfig(scalar_map=SCALARS)
strawberry.enum(JobSource)
strawberry.enum(JobStatus)


@strawberry.type
class Money:
    amount: Money9
    currency: str


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool = False


@strawberry.type
class JobInputItem:
    identifier: str
    status: JobStatus | None
    elapsed_time: BigInt | None
    byte_amount: BigInt | None


@strawberry.type
class JobInputConnection:
    nodes: list[JobInputItem]


async def resolve_inputs(
    root: strawberry.Parent[JobRow], info: strawberry.Info, first: int = 50
) -> JobInputConnection:
    """List the inputs of a job, loaded for all jobs at once."""
    rows: list[InputRow] = await info.context["inputs"].load(root.job_id)
    return JobInputConnection(nodes=rows[:first])  # type: ignore[arg-type]  # resolved by attribute


async def resolve_model_jobs(
    root: strawberry.Parent[ModelRow], info: strawberry.Info, first: int = 50
) -> "JobConnection":
    """List the jobs of a model, loaded for all models at once."""
    rows = await info.context["model_jobs"].load((root.model_id, first))
    return JobConnection(
        nodes=rows[:first],
        edges=[],
        page_info=PageInfo(has_next_page=len(rows) > first),
    )


@strawberry.type
class Model:
    id: strawberry.ID
    identifier: str
    version: str | None
    name: str | None
    jobs: "JobConnection" = strawberry.field(resolver=resolve_model_jobs)


@strawberry.type
class User:
    id: strawberry.ID
    identifier: str
    source: JobSource
    title: str | None


@strawberry.type
class Job:
    id: strawberry.ID
    job_identifier: str
    source: JobSource
    account_identifier: str
    project_id: BigInt | None
    category: str | None
    category_key: str | None
    label: str | None
    status: JobStatus
    raw_status: str | None
    submitted_by: str | None
    created_at: DateTime
    submitted_at: DateTime | None
    assigned_at: DateTime | None
    started_at: DateTime | None
    finished_at: DateTime | None
    updated_at: DateTime
    total: int
    pending: int
    completed: int
    failed: int
    elapsed_time: BigInt | None
    queue_time: BigInt | None
    timeout: BigInt | None
    explain: bool | None
    input_byte_amount: BigInt | None
    instance: str | None
    run: str | None
    cost: Money | None
    model: Model | None
    user: User | None
    job_inputs: JobInputConnection = strawberry.field(resolver=resolve_inputs)


@strawberry.type
class JobEdge:
    node: Job


@strawberry.type
class JobConnection:
    nodes: list[Job]
    edges: list[JobEdge]
    page_info: PageInfo


@strawberry.type
class UsageGroup:
    category: str | None
    length_ms: BigInt
    job_count: BigInt


@strawberry.type
class UsageMetrics:
    length_ms: BigInt
    job_count: BigInt


@strawberry.type
class UsageSummary:
    summary: list[UsageGroup]
    totals: UsageMetrics
