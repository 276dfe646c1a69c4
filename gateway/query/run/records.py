"""Rows to job records: what was written, as it was written."""

from collections.abc import Sequence
from typing import Any

import orjson

from gateway.query.plan.plan import ColumnRef
from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    ModelRecord,
    MoneyRecord,
    UserRecord,
)
from gateway.store.columns import from_nanos
from gateway.store.engine import Row
from gateway.store.record_columns import RecordColumns, columns_of

JOBS, MODELS, USERS, LOGS, INPUTS = map(
    columns_of, (JobRecord, ModelRecord, UserRecord, JobLogs, JobInputRecord)
)
# Of a job, what is no field of a record by itself.
PARTS = ("job_id", "cost_amount", "cost_currency", "residue")

RECORD_COLUMNS: tuple[ColumnRef, ...] = (
    *(("jobs", name) for name in (*PARTS, *JOBS.columns)),
    *(("models", name) for name in MODELS.columns),
    *(("users", name) for name in USERS.columns),
)
LOG_COLUMNS: tuple[ColumnRef, ...] = tuple(("job_logs", name) for name in LOGS.columns)
INPUT_COLUMNS = ("job_id", "position", *INPUTS.columns)

MODELS_AT = len(PARTS) + len(JOBS.columns)
USERS_AT = MODELS_AT + len(MODELS.columns)
LOGS_AT = USERS_AT + len(USERS.columns)


def to_job_record(row: Row, inputs: Sequence[JobInputRecord] = ()) -> JobRecord:
    """Make the record of a job.

    Args:
        row: `RECORD_COLUMNS`, perhaps with `LOG_COLUMNS` behind them.
        inputs: Of the job, in order.
    """
    _, amount, currency, residue, *fields = row[:MODELS_AT]
    return JobRecord(
        model=to_optional(ModelRecord, MODELS, row[MODELS_AT:USERS_AT]),
        user=to_optional(UserRecord, USERS, row[USERS_AT:LOGS_AT]),
        cost=None
        if amount is None
        else MoneyRecord(amount=from_nanos(amount), currency=currency),
        inputs=tuple(inputs),
        logs=to_optional(JobLogs, LOGS, row[LOGS_AT:]),
        residue=orjson.loads(residue) if residue else {},
        **JOBS.from_values(fields),
    )


def to_optional(record_type: type[Any], columns: RecordColumns, values: Row) -> Any:  # noqa: ANN401 -- a record of the type
    """Make a record that is a part of a job's, None where it has no value at all."""
    if all(value is None for value in values):
        return None
    return record_type(**columns.from_values(values))


def to_input_record(row: Row) -> tuple[int, JobInputRecord]:
    """Make the record of an input, and give the number of its job.

    Args:
        row: `INPUT_COLUMNS`.
    """
    job_id, _, *fields = row
    return job_id, JobInputRecord(**INPUTS.from_values(fields))
