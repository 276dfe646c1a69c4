"""Job records to rows: plain tuples in the order of the columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import orjson

from gateway.errors import DecodeError
from gateway.records import PENDING_STATUSES, TERMINATED_STATUSES, JobRecord
from gateway.store.columns import to_micros, to_nanos
from gateway.store.tables import jobs

DIGEST_BYTES = 16
SMALL_MAX = 2**31 - 1
BIG_MAX = 2**63 - 1
LAST_MS = to_micros(datetime(9999, 12, 31, tzinfo=UTC)) // 1000

# The integers of a record, by the width of their columns.
SMALL_NAMES = ("total", "pending", "completed", "failed", "incremental_id")
BIG_NAMES = ("elapsed_ms", "queue_ms", "timeout_ms", "input_bytes", "project_id")
to_small = attrgetter(*SMALL_NAMES)
to_big = attrgetter(*BIG_NAMES)

# What names a job within an account: its source and identifier.
Identity = tuple[str, str]

REFERENCES = ("account", "job_id", "model_id", "user_id")
# In the order of an insert: what arrives with the write, then what the record tells.
JOB_COLUMNS = (
    *REFERENCES,
    *(column.name for column in jobs.columns if column.name not in REFERENCES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A job ready to be written.

    Attributes:
        values: Of the columns that the record tells, in the order of `JOB_COLUMNS`.
        updated_us: When the document was updated, in µs since 1970.
        digest: Of the whole record; equal digests are equal documents.
    """

    record: JobRecord
    identity: Identity
    values: tuple[Any, ...]
    updated_us: int
    digest: bytes


def to_row(record: JobRecord) -> JobRow:
    """Convert a record, once for however often it is compared.

    Raises:
        DecodeError: A value does not fit its column.
    """
    digest = to_digest(record)
    updated_us = to_micros(record.updated_at)
    cost = record.cost
    started_us = to_optional_micros(record.started_at)
    finished_us = to_optional_micros(record.finished_at)
    run_start_ms, run_end_ms = to_run(record, started_us, finished_us, updated_us)
    source = str(record.source)  # in a third of the time that `value` takes
    values = (
        source,
        record.job_identifier,
        record.project_id,
        record.category,
        record.category_key,
        record.label,
        str(record.status),
        record.raw_status,
        record.submitted_by,
        to_micros(record.created_at),
        to_optional_micros(record.submitted_at),
        to_optional_micros(record.assigned_at),
        started_us,
        finished_us,
        updated_us,
        record.total,
        record.pending,
        record.completed,
        record.failed,
        record.elapsed_ms,
        record.queue_ms,
        record.timeout_ms,
        record.explain,
        record.image_classification_model,
        record.input_bytes,
        None if cost is None else to_nanos(cost.amount),
        None if cost is None else cost.currency,
        record.arguments,
        record.result,
        record.instance,
        record.run,
        record.incremental_id,
        run_start_ms,
        run_end_ms,
        orjson.dumps(record.residue).decode() if record.residue else None,
        digest,
    )
    check_sizes(record, run_end_ms)
    return JobRow(
        record=record,
        identity=(source, record.job_identifier),
        values=values,
        updated_us=updated_us,
        digest=digest,
    )


def to_optional_micros(instant: datetime | None) -> int | None:
    """Convert an instant that may be unknown."""
    return None if instant is None else to_micros(instant)


def to_run(
    record: JobRecord, started_us: int | None, finished_us: int | None, updated_us: int
) -> tuple[int | None, int | None]:
    """Give start and end of the time a job ran, in ms since 1970.

    The end is None while it runs, both are None where it never started.
    """
    if started_us is None:
        return None, None
    start_ms = started_us // 1000
    if record.status in PENDING_STATUSES and finished_us is None:
        return start_ms, None  # an elapsed time is the one so far
    if record.elapsed_ms is not None:
        return start_ms, start_ms + max(record.elapsed_ms, 0)
    if finished_us is not None:
        return start_ms, max(start_ms, finished_us // 1000)
    if record.status in TERMINATED_STATUSES:
        return start_ms, max(start_ms, updated_us // 1000)
    return start_ms, None


def to_digest(record: JobRecord) -> bytes:
    """Hash all that a record tells.

    Raises:
        DecodeError: A text cannot be stored.
    """
    try:
        content = orjson.dumps(record, default=str)
    except orjson.JSONEncodeError as exc:
        raise DecodeError(f"the job cannot be stored: {exc}") from exc
    if b"\\u0000" in content and has_nul(orjson.loads(content)):
        raise DecodeError("a text has the character U+0000, which cannot be stored")
    return blake2b(content, digest_size=DIGEST_BYTES).digest()


def has_nul(value: Any) -> bool:  # noqa: ANN401 -- any JSON value
    """Tell whether a text inside a JSON value has U+0000; PostgreSQL refuses it.

    In a residue it does no harm: that is stored as JSON text, where it is escaped.
    """
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, list):
        return any(map(has_nul, value))
    if isinstance(value, dict):
        return any(has_nul(item) for key, item in value.items() if key != "residue")
    return False


def check_sizes(record: JobRecord, run_end_ms: int | None) -> None:
    """Check that integers fit their columns.

    Raises:
        DecodeError: One does not.
    """
    for names, size, values in (
        (SMALL_NAMES, SMALL_MAX, to_small(record)),
        (BIG_NAMES, BIG_MAX, to_big(record)),
    ):
        for name, value in zip(names, values, strict=True):
            if value is not None and not -size <= value <= size:
                raise DecodeError(f"{name} is {value}; give at most {size}")
    if run_end_ms is not None and run_end_ms > LAST_MS:
        raise DecodeError("the job's run ends after the year 9999")


def to_input_rows(
    account: str, job_id: int, record: JobRecord
) -> Iterator[tuple[Any, ...]]:
    """Convert a job's inputs to rows of `job_inputs`, in the order of its columns."""
    for position, item in enumerate(record.inputs):
        yield (
            account,
            job_id,
            position,
            item.identifier,
            None if item.status is None else item.status.value,
            to_optional_micros(item.started_at),
            to_optional_micros(item.finished_at),
            item.elapsed_ms,
            item.input_bytes,
            item.error,
        )


def to_log_rows(
    account: str, job_id: int, record: JobRecord
) -> Iterator[tuple[Any, ...]]:
    """Convert a job's logs to a row of `job_logs`, in the order of its columns."""
    logs = record.logs
    if logs is not None:
        yield (account, job_id, logs.build_logs, logs.stdout, logs.stderr)
