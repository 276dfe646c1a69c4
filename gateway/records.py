"""One frozen record per entity: what every dialect decodes to and the store keeps.

Instants are aware UTC, to the microsecond. Durations are whole milliseconds.

The classes declare their fields for all modules: from `declared_fields` the store takes
columns and conversions, and the dialect `ndjson` its keys, reading and writing.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, get_args

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]

# Types of fields by the range of their values; a plain int is 0 to 2^63 - 1.
Name = Annotated[str, "at most 255 characters, because it is in an index"]
Count = Annotated[int, "0 to 2^31 - 1"]
Int32 = Annotated[int, "-2^31 to 2^31 - 1"]


class JobSource(StrEnum):
    """The system a job was reported by."""

    EDGE_IMPULSE = "EDGE_IMPULSE"
    GATEWAY = "GATEWAY"
    MODZY = "MODZY"
    SHAREDCLOUD = "SHAREDCLOUD"
    SWF = "SWF"


class JobStatus(StrEnum):
    """The status of a job, in words for all sources."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    TIMEDOUT = "TIMEDOUT"
    UNKNOWN = "UNKNOWN"


class JobStatusGroup(StrEnum):
    """The status filter of the Modzy job history."""

    ALL = "ALL"
    PENDING = "PENDING"
    TERMINATED = "TERMINATED"
    TIMEDOUT = "TIMEDOUT"


PENDING_STATUSES = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})
TERMINATED_STATUSES = frozenset(
    {
        JobStatus.COMPLETED,
        JobStatus.FAILED,
        JobStatus.CANCELED,
        JobStatus.TIMEDOUT,
    }
)
STATUS_GROUPS: Mapping[JobStatusGroup, frozenset[JobStatus]] = {
    JobStatusGroup.ALL: frozenset(JobStatus),
    JobStatusGroup.PENDING: PENDING_STATUSES,
    JobStatusGroup.TERMINATED: TERMINATED_STATUSES,
    JobStatusGroup.TIMEDOUT: frozenset({JobStatus.TIMEDOUT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRecord:
    """An amount of a currency; kept to nine decimal places."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """What a job ran: a model of a registry, or a named function."""

    identifier: Name
    version: Name | None = None
    name: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """Who a job belongs to, as the job's source names them."""

    identifier: Name
    external_identifier: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    status: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInputRecord:
    """One input item of a job."""

    identifier: Name
    status: JobStatus | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    elapsed_ms: int | None = field(default=None, metadata={"key": "elapsedTime"})
    input_bytes: int | None = field(default=None, metadata={"key": "byteAmount"})
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLogs:
    """What a job printed; stored apart, because logs can be large."""

    build_logs: str | None = None
    stdout: str | None = None
    stderr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One job, as every source describes it.

    A job is identified by account, source and `job_identifier`; the account is given
    where the record is written, never by the document.

    Attributes:
        raw_status: The source's own word for the status.
        total: Input items in all; `pending`, `completed` and `failed` are parts of it.
        elapsed_ms: Time from start to finish.
        queue_ms: Time from submission to start.
        timeout_ms: Time after which the job times out; None is never.
        processors: How many it had; `requested_processors`, how many it asked for.
        residue: What the document says beyond the other fields, to restore it.
    """

    source: JobSource
    job_identifier: Name
    project_id: int | None = None
    category: Name | None = None
    category_key: str | None = None
    label: str | None = None
    status: JobStatus
    raw_status: str | None = None
    model: ModelRecord | None = None
    user: UserRecord | None = None
    submitted_by: Name | None = None
    created_at: datetime
    submitted_at: datetime | None = None
    assigned_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime
    total: Count = 1
    pending: Count = 0
    completed: Count = 0
    failed: Count = 0
    elapsed_ms: int | None = field(default=None, metadata={"key": "elapsedTime"})
    queue_ms: int | None = field(default=None, metadata={"key": "queueTime"})
    timeout_ms: int | None = field(default=None, metadata={"key": "timeout"})
    explain: bool | None = None
    image_classification_model: bool | None = None
    input_bytes: int | None = field(default=None, metadata={"key": "inputByteAmount"})
    inputs: tuple[JobInputRecord, ...] = field(
        default=(), metadata={"key": "jobInputs"}
    )
    cost: MoneyRecord | None = None
    arguments: str | None = None
    result: str | None = None
    instance: str | None = None
    run: str | None = None
    incremental_id: Int32 | None = None
    processors: Count | None = None
    requested_processors: Count | None = None
    logs: JobLogs | None = None
    residue: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordField:
    """A field as the class of a record declares it.

    Attributes:
        key: Its name in GraphQL and in the gateway's own documents.
        type: Its type without None, such as `str`, `Name` or `datetime`.
    """

    name: str
    key: str
    type: Any
    is_optional: bool


def declared_fields(record_type: type[Any]) -> tuple[RecordField, ...]:
    """List the fields of a record's class, in order."""
    return tuple(map(to_record_field, fields(record_type)))


def to_record_field(declared: Field[Any]) -> RecordField:
    """Read a declaration; a key that it does not name is the name in camelCase."""
    types = get_args(declared.type)
    is_optional = NoneType in types
    head, *rest = declared.name.split("_")
    return RecordField(
        name=declared.name,
        key=declared.metadata.get("key", head + "".join(map(str.capitalize, rest))),
        type=types[0] if is_optional else declared.type,
        is_optional=is_optional,
    )
