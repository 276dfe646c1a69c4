"""One frozen record per entity: what every dialect decodes to and the store keeps.

Instants are aware UTC, to the microsecond. Durations are whole milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


class JobSource(StrEnum):
    """The system a job was reported by."""

    EDGE_IMPULSE = "EDGE_IMPULSE"
    GATEWAY = "GATEWAY"
    MODZY = "MODZY"
    SHAREDCLOUD = "SHAREDCLOUD"
    SWF = "SWF"


class JobStatus(StrEnum):
    """Where a job stands, in the words all sources share."""

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
class Money:
    """An amount of a currency; kept to nine decimal places."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """What a job ran: a model of a registry, or a named function."""

    identifier: str
    version: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """Who a job belongs to, as the job's source names them."""

    identifier: str
    external_identifier: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    status: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInputRecord:
    """One input item of a job."""

    identifier: str
    status: JobStatus | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    elapsed_ms: int | None = None
    input_bytes: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLogs:
    """What a job printed; kept apart, because logs can be large."""

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
        residue: What the other fields do not say of the document, for the way back.
    """

    source: JobSource
    job_identifier: str
    project_id: int | None = None
    category: str | None = None
    category_key: str | None = None
    label: str | None = None
    status: JobStatus
    raw_status: str | None = None
    model: ModelRecord | None = None
    user: UserRecord | None = None
    submitted_by: str | None = None
    created_at: datetime
    submitted_at: datetime | None = None
    assigned_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime
    total: int = 1
    pending: int = 0
    completed: int = 0
    failed: int = 0
    elapsed_ms: int | None = None
    queue_ms: int | None = None
    timeout_ms: int | None = None
    explain: bool | None = None
    image_classification_model: bool | None = None
    input_bytes: int | None = None
    inputs: tuple[JobInputRecord, ...] = ()
    cost: Money | None = None
    arguments: str | None = None
    result: str | None = None
    instance: str | None = None
    run: str | None = None
    incremental_id: int | None = None
    logs: JobLogs | None = None
    residue: Mapping[str, JsonValue] = field(default_factory=dict)
