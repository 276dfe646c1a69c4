"""Job records to rows: plain tuples in the order of the columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from operator import itemgetter
from typing import Any

import orjson

from gateway.errors import DecodeError
from gateway.records import (
    TERMINATED_STATUSES,
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobStatus,
)
from gateway.store.columns import to_micros, to_nanos
from gateway.store.record_columns import columns_of
from gateway.store.tables import jobs

DIGEST_BYTES = 16
# Left out, so that jobs stored before there were these fields keep their digests.
UNTOLD = b'"processors":null,"requested_processors":null,'
LAST_MS = to_micros(datetime(9999, 12, 31, tzinfo=UTC)) // 1000

# What identifies a job within an account: its source and identifier.
Identity = tuple[str, str]

# In the order of an insert: the references, which each write adds, then a row's values.
JOB_COLUMNS = tuple(jobs.columns.keys())
REFERENCES = ("account", "job_id", "model_id", "user_id")
ROW_COLUMNS = JOB_COLUMNS[len(REFERENCES) :]

JOBS, INPUTS, LOGS = map(columns_of, (JobRecord, JobInputRecord, JobLogs))
JOB_FIELDS = tuple(JOBS.columns)
# Position, name and largest value of a job's integers.
LIMITS = tuple(
    (at, name, column.largest)
    for at, (name, column) in enumerate(JOBS.columns.items())
    if column.largest is not None
)
to_run_instants = itemgetter(
    *map(JOB_FIELDS.index, ("started_at", "finished_at", "updated_at"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A job ready to be written.

    Attributes:
        values: In the order of `ROW_COLUMNS`.
        updated_us: In µs since 1970.
        digest: Of the whole record; equal digests are equal documents.
    """

    record: JobRecord
    identity: Identity
    values: tuple[Any, ...]
    updated_us: int
    digest: bytes


def to_job_row(record: JobRecord) -> JobRow:
    """Convert a record.

    Raises:
        DecodeError: A value does not fit its column.
    """
    digest = to_record_digest(record)
    cost = record.cost
    values = JOBS.to_values(record)
    started_us, finished_us, updated_us = to_run_instants(values)
    run_start_ms, run_end_ms = to_run(record, started_us, finished_us, updated_us)
    check_sizes(values, run_end_ms)
    values += (
        None if cost is None else to_nanos(cost.amount),
        None if cost is None else cost.currency,
        run_start_ms,
        run_end_ms,
        orjson.dumps(record.residue).decode() if record.residue else None,
        digest,
    )
    return JobRow(
        record=record,
        identity=(str(record.source), record.job_identifier),
        values=tuple(values),
        updated_us=updated_us,
        digest=digest,
    )


def to_run(
    record: JobRecord, started_us: int | None, finished_us: int | None, updated_us: int
) -> tuple[int | None, int | None]:
    """Give start and end of a job's run, in ms since 1970.

    The end is None while it runs. Both are None where the job never started, and where
    it neither runs nor has an end: what is missing does not make it run.
    """
    if started_us is None:
        return None, None
    start_ms = started_us // 1000
    if record.status is JobStatus.RUNNING and finished_us is None:
        return start_ms, None  # an elapsed time is preliminary
    if record.elapsed_ms is not None:
        return start_ms, start_ms + max(record.elapsed_ms, 0)
    if finished_us is not None:
        return start_ms, max(start_ms, finished_us // 1000)
    if record.status in TERMINATED_STATUSES:
        return start_ms, max(start_ms, updated_us // 1000)
    return None, None


def to_record_digest(record: JobRecord) -> bytes:
    """Hash all fields of a record.

    Raises:
        DecodeError: A text cannot be stored.
    """
    try:
        content = orjson.dumps(record, default=str).replace(UNTOLD, b"", 1)
    except orjson.JSONEncodeError as exc:
        raise DecodeError(f"the job cannot be stored: {exc}") from exc
    if b"\\u0000" in content and has_nul(orjson.loads(content)):
        raise DecodeError("a text has the character U+0000, which cannot be stored")
    return blake2b(content, digest_size=DIGEST_BYTES).digest()


def has_nul(value: Any) -> bool:  # noqa: ANN401 -- any JSON value
    """Tell whether a text inside a JSON value has U+0000, which PostgreSQL refuses.

    A residue may have it: that is stored as JSON, which escapes it.
    """
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, list):
        return any(map(has_nul, value))
    if isinstance(value, dict):
        return any(has_nul(item) for key, item in value.items() if key != "residue")
    return False


def check_sizes(values: Sequence[Any], run_end_ms: int | None) -> None:
    """Check that integers fit their columns.

    Raises:
        DecodeError: One does not.
    """
    for at, name, largest in LIMITS:
        value = values[at]
        if value is not None and not -largest <= value <= largest:
            raise DecodeError(f"{name} is {value}; give at most {largest}")
    if run_end_ms is not None and run_end_ms > LAST_MS:
        raise DecodeError("the job's run ends after the year 9999")


def to_input_rows(
    account: str, job_id: int, record: JobRecord
) -> Iterator[tuple[Any, ...]]:
    """Convert a job's inputs to rows of `job_inputs`, in the order of its columns."""
    for position, item in enumerate(record.inputs):
        yield account, job_id, position, *INPUTS.to_values(item)


def to_log_rows(
    account: str, job_id: int, record: JobRecord
) -> Iterator[tuple[Any, ...]]:
    """Convert a job's logs to a row of `job_logs`, in the order of its columns."""
    if record.logs is not None:
        yield account, job_id, *LOGS.to_values(record.logs)
