"""The GraphQL types of jobs, models and users, which refer to each other."""

import strawberry

from gateway.query.plan.node_ids import to_job_id, to_model_id, to_user_id
from gateway.query.values import (
    to_big_int,
    to_boolean,
    to_decimal,
    to_instant,
    to_int,
    to_job_source,
    to_job_status,
)
from gateway.records import JobSource, JobStatus
from gateway.schema.fields import (
    bounded_count,
    column,
    embedded,
    facet,
    jobs_arguments,
    nested_connection,
    page_arguments,
    plain,
    to_one,
)
from gateway.schema.job_inputs import JobInputConnection
from gateway.schema.relay import Node, PageInfo
from gateway.schema.scalars import BigInt, DateTime, Decimal


@strawberry.type(description="An amount of money.")
class Money:
    amount: Decimal = column(
        "Amount in units of the currency, to nine decimal places.",
        columns=("cost_amount",),
        convert=to_decimal,
    )
    currency: str = column("ISO 4217 code, such as USD.", columns=("cost_currency",))


@strawberry.type(description="What jobs ran: a model, or a named function.")
class Model(Node):
    id: strawberry.ID = column(
        "Global identifier: opaque, and stable.",
        columns=("identifier", "version"),
        convert=to_model_id,
    )
    identifier: str = column(
        "Identifier in its registry: Modzy's such as `ed542963de`,"
        " sharedcloud's the name of the function, SWF's the number of the executable."
    )
    version: str | None = column("Version, such as `1.0.1`.")
    name: str | None = column("Name for people.")
    jobs: "JobConnection" = strawberry.field(
        resolver=jobs_arguments,
        description="Jobs that ran it.",
        metadata=nested_connection("Job", parent_key="model_id"),
    )


@strawberry.type(description="Who jobs belong to, as the jobs' source names them.")
class User(Node):
    id: strawberry.ID = column(
        "Global identifier: opaque, and stable.",
        columns=("source", "identifier"),
        convert=to_user_id,
    )
    identifier: str = column("Identifier in the source.")
    source: JobSource = column("The system that knows the user.", convert=to_job_source)
    external_identifier: str | None = column(
        "Identifier elsewhere: with Edge Impulse the user name."
    )
    first_name: str | None = column("First name.", scope="profile")
    last_name: str | None = column("Last name.", scope="profile")
    email: str | None = column("E-mail address.", scope="email")
    status: str | None = column("Status, in the source's word.")
    title: str | None = column("Title.")
    jobs: "JobConnection" = strawberry.field(
        resolver=jobs_arguments,
        description="Jobs of the user.",
        metadata=nested_connection("Job", parent_key="user_id"),
    )


@strawberry.type(description="One job, whatever system ran it.")
class Job(Node):
    id: strawberry.ID = column(
        "Global identifier: opaque, and stable.",
        columns=("source", "job_identifier"),
        convert=to_job_id,
    )
    job_identifier: str = column(
        "Identifier in the source: a UUID or a number, as text."
    )
    source: JobSource = column(
        "The system that reported the job.", convert=to_job_source
    )
    account_identifier: str = column(
        "Account that the job belongs to in the gateway.", columns=("account",)
    )
    project_id: BigInt | None = column(
        "Project that the job belongs to.", convert=to_big_int
    )
    category: str | None = column(
        "Kind of work, for people, such as `Training model`; with SWF the queue."
    )
    category_key: str | None = column("Kind of work, for machines.")
    label: str | None = column("The caller's own name for the job; not unique.")
    status: JobStatus = column("Where the job stands.", convert=to_job_status)
    raw_status: str | None = column("The source's own word for where it stands.")
    model: Model | None = to_one("Model", description="What the job ran.")
    user: User | None = to_one("User", description="Who it belongs to.")
    submitted_by: str | None = column(
        "Public prefix of the API key that submitted it; never a key."
    )
    created_at: DateTime = column("When it was created.", convert=to_instant)
    submitted_at: DateTime | None = column("When it was submitted.", convert=to_instant)
    assigned_at: DateTime | None = column("When a machine took it.", convert=to_instant)
    started_at: DateTime | None = column("When it started to run.", convert=to_instant)
    finished_at: DateTime | None = column("When it ended.", convert=to_instant)
    updated_at: DateTime = column("When its status last changed.", convert=to_instant)
    total: int = column("Input items in all.", convert=to_int)
    pending: int = column("Input items not yet processed.", convert=to_int)
    completed: int = column("Input items processed.", convert=to_int)
    failed: int = column("Input items that could not be processed.", convert=to_int)
    elapsed_time: BigInt | None = column(
        "Time from start to end, in ms.", columns=("elapsed_ms",), convert=to_big_int
    )
    queue_time: BigInt | None = column(
        "Time from submission to start, in ms.",
        columns=("queue_ms",),
        convert=to_big_int,
    )
    timeout: BigInt | None = column(
        "Time after which it times out, in ms; null: never.",
        columns=("timeout_ms",),
        convert=to_big_int,
    )
    explain: bool | None = column("Whether results are explained.", convert=to_boolean)
    image_classification_model: bool | None = column(
        "Whether its model classifies images.", convert=to_boolean
    )
    input_byte_amount: BigInt | None = column(
        "Size of all its inputs, in bytes.",
        columns=("input_bytes",),
        convert=to_big_int,
    )
    job_inputs: JobInputConnection = strawberry.field(
        resolver=page_arguments,
        description="Its inputs, in order.",
        metadata=nested_connection("JobInputItem", parent_key="job_id"),
    )
    cost: Money | None = embedded("cost_amount", description="What it cost.")
    arguments: str | None = column(
        "Arguments of the function, as the source writes them."
    )
    result: str | None = column("What the function returned.")
    instance: str | None = column("Machine it ran on; with SWF the partition.")
    run: str | None = column("Batch that it is part of.")
    incremental_id: int | None = column(
        "Its place in the batch, from 0.", convert=to_int
    )
    processors: int | None = column("How many processors it had.", convert=to_int)
    requested_processors: int | None = column(
        "How many processors it asked for.", convert=to_int
    )
    build_logs: str | None = column(
        "What preparing it printed. Read only when asked for.", table="job_logs"
    )
    stdout: str | None = column(
        "What it printed. Read only when asked for.", table="job_logs"
    )
    stderr: str | None = column(
        "What it printed as errors. Read only when asked for.", table="job_logs"
    )


@strawberry.type(description="A job in a list.")
class JobEdge:
    cursor: str = plain("Its place in the list, for `after` and `before`.")
    node: Job = plain("The job.")
    length_ms: BigInt | None = plain(
        "Of the jobs behind a group of usage: the job's part of the group's `lengthMs`,"
        " in ms. The parts of all add up to it. Null in every other list."
    )


@strawberry.type(description="A status, and how many jobs have it.")
class StatusFacet:
    value: JobStatus = plain("The status.")
    count: BigInt = plain("Jobs that have it.")


@strawberry.type(description="A source, and how many jobs are from it.")
class SourceFacet:
    value: JobSource = plain("The source.")
    count: BigInt = plain("Jobs from it.")


@strawberry.type(description="A category, and how many jobs are of it.")
class CategoryFacet:
    value: str | None = plain("The category; null: jobs that have none.")
    count: BigInt = plain("Jobs of it.")


@strawberry.type(description="A model, and how many jobs ran it.")
class ModelFacet:
    value: Model | None = plain("The model; null: jobs that have none.")
    count: BigInt = plain("Jobs that ran it.")


@strawberry.type(description="How many jobs of a list have each value of a field.")
class JobFacets:
    status: list[StatusFacet] = facet("By status.")
    source: list[SourceFacet] = facet("By source.")
    category: list[CategoryFacet] = facet("By category.")
    model: list[ModelFacet] = facet("By model.")


@strawberry.type(description="A page of jobs.")
class JobConnection:
    edges: list[JobEdge] = plain("The jobs with their cursors.")
    nodes: list[Job] = plain("The jobs.")
    page_info: PageInfo = plain("Where the page lies.")
    total_count: int = plain("How many there are in all; counted only when asked for.")
    count_up_to: int = bounded_count()
    facets: JobFacets = plain(
        "How many of the jobs have each status, source, category and model, counted"
        " only when asked for. Each facet keeps to all filters but the one on itself."
    )


@strawberry.type(description="A model in a list.")
class ModelEdge:
    cursor: str = plain("Its place in the list, for `after` and `before`.")
    node: Model = plain("The model.")


@strawberry.type(description="A page of models, by identifier.")
class ModelConnection:
    edges: list[ModelEdge] = plain("The models with their cursors.")
    nodes: list[Model] = plain("The models.")
    page_info: PageInfo = plain("Where the page lies.")
    total_count: int = plain("How many there are in all; counted only when asked for.")
    count_up_to: int = bounded_count()


@strawberry.type(description="A user in a list.")
class UserEdge:
    cursor: str = plain("Its place in the list, for `after` and `before`.")
    node: User = plain("The user.")


@strawberry.type(description="A page of users, by identifier.")
class UserConnection:
    edges: list[UserEdge] = plain("The users with their cursors.")
    nodes: list[User] = plain("The users.")
    page_info: PageInfo = plain("Where the page lies.")
    total_count: int = plain("How many there are in all; counted only when asked for.")
    count_up_to: int = bounded_count()
