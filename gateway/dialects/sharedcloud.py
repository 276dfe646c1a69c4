"""sharedcloud's job documents to records and back."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from gateway.dialects.context import DecodeContext
from gateway.dialects.fields import (
    MAX_INT32,
    MIN_INT32,
    Fields,
    to_fields,
    to_json_text,
    wrong,
)
from gateway.dialects.instants import (
    MILLISECOND,
    latest,
    ms_between,
    ms_to_seconds,
)
from gateway.dialects.items import to_item_counts
from gateway.dialects.money import money_to_number, to_money
from gateway.dialects.residue import JsonObject, restore, to_residue
from gateway.instants import to_utc
from gateway.records import (
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    MoneyRecord,
)

STATUSES = {
    "1": JobStatus.QUEUED,
    "2": JobStatus.RUNNING,
    "3": JobStatus.COMPLETED,
    "4": JobStatus.FAILED,
    "5": JobStatus.TIMEDOUT,
}
NUMBERS = {status: int(word) for word, status in STATUSES.items()}
INSTANT = re.compile(r"(\d\d)-(\d\d)-(\d{4}) (\d\d):(\d\d):(\d\d)", re.ASCII)
RIGHT_INSTANT = "a local time as DD-MM-YYYY HH:MM:SS"
ZERO = timedelta()
# Longer durations do not fit a timedelta; no reading fits them, either.
MAX_MS = 10**15

# Of creation, assignment, start and finish.
Instants = tuple[datetime | None, ...]


def decode_job(document: object, context: DecodeContext) -> JobRecord:
    """Read one job of a list, or of the details.

    Raises:
        DecodeError: A field has a value it cannot have, or what identifies and dates
            the job is missing.
    """
    fields = to_fields(document)
    record = decode_record(fields, context)
    encoded = encode_record(record, context.time_zone)
    return replace(record, residue=to_residue(fields.values, encoded))


def encode_job(
    record: JobRecord, *, time_zone: ZoneInfo, server_time: datetime | None = None
) -> JsonObject:
    """Write the job as sharedcloud does.

    Args:
        record: The job.
        time_zone: The zone its instants are written in.
        server_time: When the answer is made; None leaves what the document had.
    """
    document = restore(encode_record(record, time_zone), record.residue)
    if server_time is not None:
        document["current_server_time"] = format_local(server_time, time_zone)
    return document


def decode_record(fields: Fields, context: DecodeContext) -> JobRecord:
    """Read every field that a record has."""
    duration_ms = fields.seconds_ms("duration")
    created_at, assigned_at, started_at, finished_at = decode_instants(
        fields, context.time_zone, duration_ms
    )
    status, raw_status = decode_status(fields)
    passed_ms = ms_between(started_at, finished_at)
    return JobRecord(
        source=JobSource.SHAREDCLOUD,
        job_identifier=fields.identifier("uuid"),
        project_id=context.project_id,
        status=status,
        raw_status=raw_status,
        model=decode_model(fields.name("function_name")),
        created_at=created_at,
        submitted_at=created_at,
        assigned_at=assigned_at,
        started_at=started_at,
        finished_at=finished_at,
        updated_at=latest(created_at, assigned_at, started_at, finished_at),
        **to_item_counts(status),
        elapsed_ms=passed_ms if duration_ms is None else duration_ms,
        queue_ms=ms_between(created_at, started_at),
        cost=decode_cost(fields),
        arguments=fields.text("arguments"),
        result=fields.text("result"),
        instance=fields.text("instance"),
        run=fields.text("run"),
        incremental_id=fields.integer(
            "incremental_id", least=MIN_INT32, most=MAX_INT32
        ),
        logs=decode_logs(fields),
    )


def decode_instants(
    fields: Fields, time_zone: ZoneInfo, duration_ms: int | None
) -> tuple[datetime, datetime | None, datetime | None, datetime | None]:
    """Read the four instants; the first that is known stands for a missing creation."""
    parse = partial(parse_local, time_zone=time_zone)
    created_at, assigned_at, started_at, finished_at = choose_instants(
        [
            fields.instant(f"{word}_at", parse, RIGHT_INSTANT)
            for word in ("created", "assigned", "started", "finished")
        ],
        duration_ms,
    )
    first = created_at or assigned_at or started_at or finished_at
    if first is None:
        raise wrong("created_at", None, RIGHT_INSTANT)
    return first, assigned_at, started_at, finished_at


def parse_local(text: str, time_zone: ZoneInfo) -> datetime:
    """Read a local time.

    Raises:
        ValueError: The text is no such time, or not between the years 1 and 9999.
    """
    match = INSTANT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, month, year, hour, minute, second = map(int, match.groups())
    local = datetime(year, month, day, hour, minute, second, tzinfo=time_zone)
    to_utc(local)
    return local


def choose_instants(
    local_times: Sequence[datetime | None], duration_ms: int | None
) -> Instants:
    """Convert local times; those that occur twice, as clocks go back, together.

    Of their readings the one that fits best is taken, of equal ones the earliest.
    """
    readings = [list_readings(local) for local in local_times]
    misfit = partial(measure_misfit, duration_ms=duration_ms)
    return min(product(*readings), key=misfit)


def list_readings(local: datetime | None) -> Sequence[datetime | None]:
    """List the instants that a local time may stand for, the earlier first."""
    if local is None:
        return (None,)
    again = local.replace(fold=1)
    # In an hour that is skipped, the offsets differ the other way round.
    is_repeated = (local.utcoffset() or ZERO) > (again.utcoffset() or ZERO)
    times = (local, again) if is_repeated else (local,)
    return [time.astimezone(UTC) for time in times]


def measure_misfit(
    instants: Instants, duration_ms: int | None
) -> tuple[bool, timedelta, int]:
    """Measure a reading: an end before the start, a wrong length, a wrong order."""
    started_at, finished_at = instants[2:]
    off = ZERO
    ends_early = False
    if started_at is not None and finished_at is not None:
        length = finished_at - started_at
        ends_early = length < ZERO
        if duration_ms is not None:
            off = abs(length - min(duration_ms, MAX_MS) * MILLISECOND)
    known = [instant for instant in instants if instant is not None]
    return ends_early, off, sum(after < before for before, after in pairwise(known))


def decode_status(fields: Fields) -> tuple[JobStatus, str | None]:
    """Read the status, a number, which is kept as text."""
    value = fields.values.get("status")
    if value is None:
        return JobStatus.UNKNOWN, None
    if isinstance(value, str):
        return JobStatus.UNKNOWN, fields.text("status")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    word = to_json_text("status", value)
    return STATUSES.get(word, JobStatus.UNKNOWN), word


def decode_model(function_name: str | None) -> ModelRecord | None:
    """Make the model of a function, which its name identifies."""
    if not function_name:
        return None
    return ModelRecord(identifier=function_name, name=function_name)


def decode_cost(fields: Fields) -> MoneyRecord | None:
    """Read dollars by their decimal digits, never through binary fractions."""
    value = fields.number("cost")
    return None if value is None else to_money("cost", Decimal(repr(value)), "USD")


def decode_logs(fields: Fields) -> JobLogs | None:
    """Read what the job printed."""
    logs = JobLogs(
        build_logs=fields.text("build_logs"),
        stdout=fields.text("stdout"),
        stderr=fields.text("stderr"),
    )
    return None if logs == JobLogs() else logs


def encode_record(record: JobRecord, time_zone: ZoneInfo) -> JsonObject:
    """Write the canonical document, in which unknown fields are null."""
    logs = record.logs or JobLogs()
    return {
        "uuid": record.job_identifier,
        "function_name": record.model.identifier if record.model else None,
        "duration": ms_to_seconds(record.elapsed_ms),
        "started_at": encode_instant(record.started_at, time_zone),
        "assigned_at": encode_instant(record.assigned_at, time_zone),
        "created_at": format_local(record.created_at, time_zone),
        "finished_at": encode_instant(record.finished_at, time_zone),
        "incremental_id": record.incremental_id,
        "status": NUMBERS.get(record.status),
        "arguments": record.arguments,
        "cost": money_to_number(record.cost),
        "build_logs": logs.build_logs,
        "stdout": logs.stdout,
        "stderr": logs.stderr,
        "result": record.result,
        "instance": record.instance,
        "run": record.run,
    }


def format_local(instant: datetime, time_zone: ZoneInfo) -> str:
    """Write a local time; `strftime` would drop the zeros of early years."""
    local = instant.astimezone(time_zone)
    return (
        f"{local.day:02}-{local.month:02}-{local.year:04}"
        f" {local.hour:02}:{local.minute:02}:{local.second:02}"
    )


def encode_instant(instant: datetime | None, time_zone: ZoneInfo) -> str | None:
    """Write a local time that may be unknown."""
    return None if instant is None else format_local(instant, time_zone)
