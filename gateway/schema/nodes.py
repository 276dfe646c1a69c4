"""Jobs, models and users, and their connections: types that point at each other."""

import strawberry

from gateway.query.plan.node_ids import to_job_id, to_model_id, to_user_id
from gateway.query.values import (
    to_big_int,
    to_boolean,
    to_decimal,
    to_instant,
    to_int,
    to_source,
    to_status,
)
from gateway.records import JobSource, JobStatus
from gateway.schema.fields import (
    READ_BY_PLANS,
    After,
    Before,
    Filter,
    First,
    Last,
    OrderBy,
    bounded_count,
    column,
    embedded,
    facet,
    nested_connection,
    plain,
    to_one,
)
from gateway.schema.job_inputs import JobInputConnection, job_inputs_arguments
from gateway.schema.relay import Node, PageInfo
from gateway.schema.scalars import BigInt, DateTime, Decimal


def jobs_arguments(
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
    last: Last = strawberry.UNSET,
    before: Before = strawberry.UNSET,
    filter: Filter = strawberry.UNSET,
    order_by: OrderBy = strawberry.UNSET,
) -> "JobConnection":
    """Declare the arguments of lists of jobs, which plans read."""
    raise NotImplementedError(READ_BY_PLANS)


def models_arguments(
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
    last: Last = strawberry.UNSET,
    before: Before = strawberry.UNSET,
) -> "ModelConnection":
    """Declare the arguments of lists of models, which plans read."""
    raise NotImplementedError(READ_BY_PLANS)


def users_arguments(
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
    last: Last = strawberry.UNSET,
    before: Before = strawberry.UNSET,
) -> "UserConnection":
    """Declare the arguments of lists of users, which plans read."""
    raise NotImplementedError(READ_BY_PLANS)


@strawberry.type(description="An amount of money.")
class Money:
    amount: Decimal = column(
        "cost_amount",
        convert=to_decimal,
        description="Amount in units of the currency, to nine decimal places.",
    )
    currency: str = column("cost_currency", description="ISO 4217 code, such as USD.")


@strawberry.type(description="What jobs ran: a model, or a named function.")
class Model(Node):
    id: strawberry.ID = column(
        "identifier",
        "version",
        convert=to_model_id,
        description="Global identifier: opaque, and stable.",
    )
    identifier: str = column(
        "identifier",
        description="Identifier in its registry: Modzy's such as `ed542963de`,"
        " sharedcloud's the name of the function, SWF's the number of the executable.",
    )
    version: str | None = column("version", description="Version, such as `1.0.1`.")
    name: str | None = column("name", description="Name for people.")
    jobs: "JobConnection" = strawberry.field(
        resolver=jobs_arguments,
        description="Jobs that ran it.",
        metadata=nested_connection("Job", parent_key="model_id"),
    )


@strawberry.type(description="Who jobs belong to, as the jobs' source names them.")
class User(Node):
    id: strawberry.ID = column(
        "source",
        "identifier",
        convert=to_user_id,
        description="Global identifier: opaque, and stable.",
    )
    identifier: str = column("identifier", description="Identifier in the source.")
    source: JobSource = column(
        "source", convert=to_source, description="The system that knows the user."
    )
    external_identifier: str | None = column(
        "external_identifier",
        description="Identifier elsewhere: with Edge Impulse the user name.",
    )
    first_name: str | None = column(
        "first_name", description="First name.", scope="profile"
    )
    last_name: str | None = column(
        "last_name", description="Last name.", scope="profile"
    )
    email: str | None = column("email", description="E-mail address.", scope="email")
    status: str | None = column("status", description="Status, in the source's word.")
    title: str | None = column("title", description="Title.")
    jobs: "JobConnection" = strawberry.field(
        resolver=jobs_arguments,
        description="Jobs of the user.",
        metadata=nested_connection("Job", parent_key="user_id"),
    )


@strawberry.type(description="One job, whatever system ran it.")
class Job(Node):
    id: strawberry.ID = column(
        "source",
        "job_identifier",
        convert=to_job_id,
        description="Global identifier: opaque, and stable.",
    )
    job_identifier: str = column(
        "job_identifier",
        description="Identifier in the source: a UUID or a number, as text.",
    )
    source: JobSource = column(
        "source", convert=to_source, description="The system that reported the job."
    )
    account_identifier: str = column(
        "account", description="Account that the job belongs to in the gateway."
    )
    project_id: BigInt | None = column(
        "project_id", convert=to_big_int, description="Project that the job belongs to."
    )
    category: str | None = column(
        "category",
        description="Kind of work, for people, such as `Training model`; with SWF the"
        " queue.",
    )
    category_key: str | None = column(
        "category_key", description="Kind of work, for machines."
    )
    label: str | None = column(
        "label", description="The caller's own name for the job; not unique."
    )
    status: JobStatus = column(
        "status", convert=to_status, description="Where the job stands."
    )
    raw_status: str | None = column(
        "raw_status", description="The source's own word for where it stands."
    )
    model: Model | None = to_one("Model", description="What the job ran.")
    user: User | None = to_one("User", description="Who it belongs to.")
    submitted_by: str | None = column(
        "submitted_by",
        description="Public prefix of the API key that submitted it; never a key.",
    )
    created_at: DateTime = column(
        "created_at", convert=to_instant, description="When it was created."
    )
    submitted_at: DateTime | None = column(
        "submitted_at", convert=to_instant, description="When it was submitted."
    )
    assigned_at: DateTime | None = column(
        "assigned_at", convert=to_instant, description="When a machine took it."
    )
    started_at: DateTime | None = column(
        "started_at", convert=to_instant, description="When it started to run."
    )
    finished_at: DateTime | None = column(
        "finished_at", convert=to_instant, description="When it ended."
    )
    updated_at: DateTime = column(
        "updated_at", convert=to_instant, description="When its status last changed."
    )
    total: int = column("total", convert=to_int, description="Input items in all.")
    pending: int = column(
        "pending", convert=to_int, description="Input items not yet processed."
    )
    completed: int = column(
        "completed", convert=to_int, description="Input items processed."
    )
    failed: int = column(
        "failed", convert=to_int, description="Input items that could not be processed."
    )
    elapsed_time: BigInt | None = column(
        "elapsed_ms", convert=to_big_int, description="Time from start to end, in ms."
    )
    queue_time: BigInt | None = column(
        "queue_ms",
        convert=to_big_int,
        description="Time from submission to start, in ms.",
    )
    timeout: BigInt | None = column(
        "timeout_ms",
        convert=to_big_int,
        description="Time after which it times out, in ms; null: never.",
    )
    explain: bool | None = column(
        "explain", convert=to_boolean, description="Whether results are explained."
    )
    image_classification_model: bool | None = column(
        "image_classification_model",
        convert=to_boolean,
        description="Whether its model classifies images.",
    )
    input_byte_amount: BigInt | None = column(
        "input_bytes",
        convert=to_big_int,
        description="Size of all its inputs, in bytes.",
    )
    job_inputs: JobInputConnection = strawberry.field(
        resolver=job_inputs_arguments,
        description="Its inputs, in order.",
        metadata=nested_connection("JobInputItem", parent_key="job_id"),
    )
    cost: Money | None = embedded("cost_amount", description="What it cost.")
    arguments: str | None = column(
        "arguments",
        description="Arguments of the function, as the source writes them.",
    )
    result: str | None = column("result", description="What the function returned.")
    instance: str | None = column(
        "instance", description="Machine it ran on; with SWF the partition."
    )
    run: str | None = column("run", description="Batch that it is part of.")
    incremental_id: int | None = column(
        "incremental_id", convert=to_int, description="Its place in the batch, from 0."
    )
    processors: int | None = column(
        "processors", convert=to_int, description="How many processors it had."
    )
    requested_processors: int | None = column(
        "requested_processors",
        convert=to_int,
        description="How many processors it asked for.",
    )
    build_logs: str | None = column(
        "build_logs",
        table="job_logs",
        description="What preparing it printed. Read only when asked for.",
    )
    stdout: str | None = column(
        "stdout",
        table="job_logs",
        description="What it printed. Read only when asked for.",
    )
    stderr: str | None = column(
        "stderr",
        table="job_logs",
        description="What it printed as errors. Read only when asked for.",
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
