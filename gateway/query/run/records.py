"""Rows to job records: what was written, as it was written."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from gateway.query.plan.plan import ColumnRef
from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    Money,
    UserRecord,
)
from gateway.store.columns import from_micros, from_nanos
from gateway.store.engine import Row
from gateway.store.tables import job_inputs, jobs

MODEL_NAMES = ("identifier", "version", "name")
USER_NAMES = (
    "identifier",
    "external_identifier",
    "first_name",
    "last_name",
    "email",
    "status",
    "title",
)
LOG_NAMES = ("build_logs", "stdout", "stderr")
# What the gateway itself adds to a job.
OWN_NAMES = frozenset(
    {"account", "model_id", "user_id", "run_start_ms", "run_end_ms", "digest"}
)
JOB_NAMES = tuple(c.name for c in jobs.columns if c.name not in OWN_NAMES)
INPUT_COLUMNS = tuple(c.name for c in job_inputs.columns if c.name != "account")

RECORD_COLUMNS: tuple[ColumnRef, ...] = (
    *(("jobs", name) for name in JOB_NAMES),
    *(("models", name) for name in MODEL_NAMES),
    *(("users", name) for name in USER_NAMES),
)
LOG_COLUMNS: tuple[ColumnRef, ...] = tuple(("job_logs", name) for name in LOG_NAMES)

INSTANTS = frozenset(
    {
        "created_at",
        "submitted_at",
        "assigned_at",
        "started_at",
        "finished_at",
        "updated_at",
    }
)
FLAGS = frozenset({"explain", "image_classification_model"})
# What is no field of a record by itself.
PARTS = frozenset(
    {"job_id", "source", "status", "cost_amount", "cost_currency", "residue"}
)
PLAIN = tuple(n for n in JOB_NAMES if n not in INSTANTS | FLAGS | PARTS)

MODELS_AT = len(JOB_NAMES)
USERS_AT = MODELS_AT + len(MODEL_NAMES)
LOGS_AT = USERS_AT + len(USER_NAMES)


def to_job_record(row: Row, inputs: Sequence[JobInputRecord] = ()) -> JobRecord:
    """Make the record of a job.

    Args:
        row: `RECORD_COLUMNS`, perhaps with `LOG_COLUMNS` behind them.
        inputs: Of the job, in order.
    """
    job = dict(zip(JOB_NAMES, row, strict=False))
    residue = job["residue"]
    return JobRecord(
        source=JobSource(job["source"]),
        status=JobStatus(job["status"]),
        model=to_model(row[MODELS_AT:USERS_AT]),
        user=to_user(row[USERS_AT:LOGS_AT]),
        cost=to_cost(job),
        inputs=tuple(inputs),
        logs=to_logs(row[LOGS_AT:]),
        residue=orjson.loads(residue) if residue else {},
        **{name: job[name] for name in PLAIN},
        **{name: to_instant(job[name]) for name in INSTANTS},
        **{name: to_flag(job[name]) for name in FLAGS},
    )


def to_input_record(row: Row) -> tuple[int, JobInputRecord]:
    """Make the record of an input, and tell the number of its job.

    Args:
        row: `INPUT_COLUMNS`.
    """
    item = dict(zip(INPUT_COLUMNS, row, strict=True))
    status = item["status"]
    return item["job_id"], JobInputRecord(
        identifier=item["identifier"],
        status=None if status is None else JobStatus(status),
        started_at=to_instant(item["started_at"]),
        finished_at=to_instant(item["finished_at"]),
        elapsed_ms=item["elapsed_ms"],
        input_bytes=item["input_bytes"],
        error=item["error"],
    )


def to_instant(micros: int | None) -> Any:  # noqa: ANN401 -- required fields have one
    """Convert an instant that may be unknown."""
    return None if micros is None else from_micros(micros)


def to_flag(value: int | None) -> Any:  # noqa: ANN401 -- for one call with `to_instant`
    """Convert a flag that may be unknown; SQLite has numbers for them."""
    return None if value is None else bool(value)


def to_cost(job: Mapping[str, Any]) -> Money | None:
    """Make the amount a job cost, where that is known."""
    if job["cost_amount"] is None:
        return None
    return Money(amount=from_nanos(job["cost_amount"]), currency=job["cost_currency"])


def to_model(values: Row) -> ModelRecord | None:
    """Make the model, where the job names one."""
    fields = dict(zip(MODEL_NAMES, values, strict=True))
    return None if fields["identifier"] is None else ModelRecord(**fields)


def to_user(values: Row) -> UserRecord | None:
    """Make the user, where the job names one."""
    fields = dict(zip(USER_NAMES, values, strict=True))
    return None if fields["identifier"] is None else UserRecord(**fields)


def to_logs(values: Row) -> JobLogs | None:
    """Make what a job printed, where that was read and there is something."""
    if all(value is None for value in values):
        return None
    return JobLogs(**dict(zip(LOG_NAMES, values, strict=True)))
