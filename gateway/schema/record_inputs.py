"""The input types of jobs that are reported, which mirror the documents of `ndjson`.

They are the contract; `gateway.dialects.ndjson` reads and checks the values.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal as PythonDecimal
from typing import Any

import strawberry

from gateway.dialects.residue import JsonObject
from gateway.instants import format_rfc3339
from gateway.records import JobStatus
from gateway.schema.inputs import optional
from gateway.schema.scalars import BigInt, DateTime, Decimal


def required(description: str) -> Any:  # noqa: ANN401 -- Strawberry's own type for a field
    """Make a required input field."""
    return strawberry.field(description=description)


@strawberry.input(description="What a job ran: a model, or a named function.")
class ModelRecordInput:
    identifier: str = required("Identifier in its registry, 1 to 255 characters.")
    version: str | None = optional("Version, such as `1.0.1`; at most 255 characters.")
    name: str | None = optional("Name for people; at most 255 characters.")


@strawberry.input(
    description="Who a job belongs to. What is left out stays as it is known."
)
class UserRecordInput:
    identifier: str = required(
        "Identifier in the reporting system, 1 to 255 characters."
    )
    external_identifier: str | None = optional("Identifier elsewhere.")
    first_name: str | None = optional("First name.")
    last_name: str | None = optional("Last name.")
    email: str | None = optional("E-mail address.")
    status: str | None = optional("Status, in the reporting system's word.")
    title: str | None = optional("Title.")


@strawberry.input(description="One input item of a job.")
class JobInputItemRecordInput:
    identifier: str = required("Name of the input in its job, 1 to 255 characters.")
    status: JobStatus | None = optional("Where it stands.")
    started_at: DateTime | None = optional("When work on it began.")
    finished_at: DateTime | None = optional("When work on it ended.")
    elapsed_time: BigInt | None = optional("Time worked on it, in ms; 0 or more.")
    byte_amount: BigInt | None = optional("Its size, in bytes; 0 or more.")
    error: str | None = optional("Why it failed.")


@strawberry.input(description="An amount of money.")
class MoneyInput:
    amount: Decimal = required(
        "Amount in units of the currency, kept to nine decimal places; at most"
        " 9,000,000,000 either way."
    )
    currency: str = required(
        "ISO 4217 code, three letters such as USD; kept in capitals."
    )


@strawberry.input(
    description="A job as the system that runs it reports it; its source is `GATEWAY`."
    " It is the whole job, not a change of it: what an update leaves out is no longer"
    " known. Null is the same as leaving out."
)
class JobRecordInput:
    job_identifier: str = required(
        "Identifier in the reporting system, 1 to 255 characters. A job of the same"
        " account and identifier is the same job."
    )
    status: JobStatus = required("Where the job stands.")
    created_at: DateTime = required("When it was created.")
    updated_at: DateTime | None = optional(
        "When it last changed; the latest of its other instants where it is left out."
        " What is older than what is known changes nothing."
    )
    project_id: BigInt | None = optional(
        "Project that it belongs to, 0 or more; where it is left out, the project of"
        " the credential, if that has one."
    )
    category: str | None = optional(
        "Kind of work, for people, such as `Training model`; at most 255 characters."
    )
    category_key: str | None = optional("Kind of work, for machines.")
    label: str | None = optional("The caller's own name for the job; not unique.")
    raw_status: str | None = optional("The reporting system's own word for its status.")
    model: ModelRecordInput | None = optional("What it ran.")
    user: UserRecordInput | None = optional("Who it belongs to.")
    submitted_by: str | None = optional(
        "Public prefix of the key that submitted it, at most 255 characters; only what"
        " is before the first dot is kept."
    )
    submitted_at: DateTime | None = optional("When it was submitted.")
    assigned_at: DateTime | None = optional("When a machine took it.")
    started_at: DateTime | None = optional(
        "When it started to run; a job without it counts in no usage."
    )
    finished_at: DateTime | None = optional("When it ended.")
    total: int | None = optional(
        "Input items in all; the sum of `pending`, `completed` and `failed` where it is"
        " left out. Where all four are, the job is one item, by its status."
    )
    pending: int | None = optional("Input items not yet processed.")
    completed: int | None = optional("Input items processed.")
    failed: int | None = optional("Input items that could not be processed.")
    elapsed_time: BigInt | None = optional(
        "Time from start to end, in ms, 0 or more; usage counts it where it is given,"
        " and else the time from `startedAt` to `finishedAt`."
    )
    queue_time: BigInt | None = optional(
        "Time from submission to start, in ms; 0 or more."
    )
    timeout: BigInt | None = optional(
        "Time after which it times out, in ms, 0 or more; left out: never."
    )
    explain: bool | None = optional("Whether results are explained.")
    image_classification_model: bool | None = optional(
        "Whether its model classifies images."
    )
    input_byte_amount: BigInt | None = optional(
        "Size of all its inputs, in bytes; 0 or more."
    )
    job_inputs: list[JobInputItemRecordInput] | None = optional("Its inputs, in order.")
    cost: MoneyInput | None = optional("What it cost.")
    arguments: str | None = optional("Arguments, as the reporting system writes them.")
    result: str | None = optional("What it returned.")
    instance: str | None = optional("Machine it ran on.")
    run: str | None = optional("Batch that it is part of.")
    incremental_id: int | None = optional("Its place in the batch, from 0.")
    processors: int | None = optional("How many processors it had; 0 or more.")
    requested_processors: int | None = optional(
        "How many processors it asked for; 0 or more."
    )
    build_logs: str | None = optional("What preparing it printed.")
    stdout: str | None = optional("What it printed.")
    stderr: str | None = optional("What it printed as errors.")


def to_job_document(given: Mapping[str, Any]) -> JsonObject:
    """Make a document of a `JobRecordInput` that graphql-core has coerced."""
    return {
        name: to_json_value(value) for name, value in given.items() if value is not None
    }


def to_json_value(value: Any) -> Any:  # noqa: ANN401 -- of any type a field has
    """Convert one value."""
    convert = CONVERSIONS.get(type(value))
    return convert(value) if convert else value


CONVERSIONS: Mapping[type, Callable[[Any], Any]] = {
    dict: to_job_document,
    list: lambda items: [to_json_value(item) for item in items],
    datetime: format_rfc3339,
    PythonDecimal: "{:f}".format,
    JobStatus: lambda status: status.value,
}
