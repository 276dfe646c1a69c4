"""Lines of the Standard Workload Format to records and back.

One regular expression checks and splits a row: speed matters, logs of a million rows
are published.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from gateway.dialects.context import DecodeContext
from gateway.dialects.fields import (
    MAX_INT32,
    MAX_INT64,
    MAX_NAME_CHARS,
    is_storable,
    shorten_value,
)
from gateway.dialects.instants import seconds_to_ms
from gateway.dialects.items import to_item_counts
from gateway.errors import DecodeError
from gateway.instants import format_rfc3339
from gateway.records import (
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    UserRecord,
)

COLUMNS = 18
# 18 digits fit 64 bits.
NUMBER = r"(-?\d{1,18}+(?:\.\d{1,18}+)?+)"
# What follows the 18 numbers is kept, and not read.
ROW = re.compile(
    r"\s*+" + r"\s++".join([NUMBER] * COLUMNS) + r"(?:\s++(.*))?+", re.ASCII
)
# In a row of words with one blank between them.
LEADING_ZERO = re.compile(" 0[0-9]")
START = re.compile(r";\s*UnixStartTime:\s*(\S+)\s*", re.ASCII)
MADE_BY = re.compile(r";\s*(Computer|Installation):\s*(\S.*?)\s*", re.ASCII)
NAMED = re.compile(r";\s*(Partition|Queue):\s*(\d{1,18})\s+(\S.*?)\s*", re.ASCII)
UNKNOWN = "-1"
UNKNOWN_MS = -1000
# With it and a job's number an identifier has at most 255 characters.
MAX_LOG_NAME_CHARS = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STATUSES = {
    "0": JobStatus.FAILED,
    "1": JobStatus.COMPLETED,
    "5": JobStatus.CANCELED,
}
RIGHT_START = "`; UnixStartTime: SECONDS`, the seconds since 1970"
# Enough for the users, executables and durations of a log; more are only slower.
CACHED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SwfHeader:
    """What the header says, the lines that start with `;`.

    Attributes:
        start: The instant from which the times of rows are counted.
        partitions: Names by number; the numbers are text, as in a row.
        queues: The same of queues.
        log_name: The name of the log, which job numbers are only unique within.
    """

    start: datetime
    partitions: Mapping[str, str]
    queues: Mapping[str, str] = field(default_factory=dict)
    log_name: str | None = None


def is_row(line: str) -> bool:
    """Tell a row from a header line and a blank one."""
    return line[:1] != ";" and not line.isspace() and line != ""


def is_header(line: str) -> bool:
    """Tell whether a line has a field of a header that is read."""
    return any(each.fullmatch(line) for each in (NAMED, START, MADE_BY))


def decode_next_header(
    before: SwfHeader | None, lines: Sequence[str], context: DecodeContext
) -> SwfHeader:
    """Read the lines before a row, which begin a log, or are remarks in one.

    Args:
        before: The header of the row before.
        lines: The lines between the two rows that `is_header` tells.
        context: Has the start and the name that are given.

    Raises:
        DecodeError: See `decode_header`; or one name is given for two logs.
    """
    begins = any(START.fullmatch(line) or MADE_BY.fullmatch(line) for line in lines)
    if before is not None and not begins:
        return before
    header = decode_header(lines, context.start, context.log_name)
    if before is not None and context.log_name and header.start != before.start:
        raise DecodeError(
            f"a second log begins at {format_rfc3339(header.start)}, and one name is"
            " given; right is one log, or names that the headers give"
        )
    return header


def decode_header(
    lines: Iterable[str], start: datetime | None = None, log_name: str | None = None
) -> SwfHeader:
    """Read the lines before the first row of a log.

    Args:
        lines: The lines.
        start: The start time where they have none.
        log_name: The name of the log; else it is computer and installation, or the
            start time of a log that names neither.

    Raises:
        DecodeError: There is no start time, or one out of range.
    """
    names: dict[str, dict[str, str]] = {"Partition": {}, "Queue": {}}
    made_by: dict[str, str] = {}
    for line in lines:
        if named := NAMED.fullmatch(line):
            kind, number, name = named.groups()
            names[kind][to_plain_number(number)] = check_name(kind, name)
        elif maker := MADE_BY.fullmatch(line):
            made_by[maker[1]] = maker[2]
        elif START.fullmatch(line):
            start = decode_start(line) or start
    if start is None:
        raise DecodeError(
            f"no line before the first row has {RIGHT_START}; give the log's start with"
            " `--start INSTANT`, or to /ingest as `start=INSTANT`"
        )
    made = [made_by[key] for key in ("Computer", "Installation") if key in made_by]
    return SwfHeader(
        start=start,
        partitions=names["Partition"],
        queues=names["Queue"],
        log_name=check_log_name(log_name or ", ".join(made) or format_rfc3339(start)),
    )


def check_log_name(name: str) -> str:
    """Check the name of a log.

    Raises:
        DecodeError: It cannot be part of an identifier.
    """
    if not 0 < len(name) <= MAX_LOG_NAME_CHARS or not is_storable(name):
        right = f"text of 1 to {MAX_LOG_NAME_CHARS} characters without NUL"
        found = shorten_value(name)
        raise DecodeError(
            f"the name of the log is {found}; right is {right}, given with `--log NAME`"
        )
    return name


def decode_row(line: str, header: SwfHeader, context: DecodeContext) -> JobRecord:
    """Read one job.

    Raises:
        DecodeError: The line does not begin with 18 numbers, or one of them is out of
            range.
    """
    match = ROW.fullmatch(line)
    if match is None:
        raise DecodeError(
            f"the row is {shorten_value(line.strip())}; right are {COLUMNS} numbers of"
            f" at most 18 digits, and it has {len(line.split())} words"
        )
    words = match.groups("")
    columns = words[:COLUMNS]
    row = " ".join((*columns, *words[-1].split()) if words[-1] else columns)
    if "." in row or "-0" in row or row[0] == "0" or LEADING_ZERO.search(row):
        columns = tuple(map(to_plain_number, columns))
    try:
        return decode_record(columns, row, header, context)
    except (ValueError, OverflowError) as exc:
        raise DecodeError(
            f"the row is {shorten_value(line.strip())}: {exc}; right are a job number,"
            " and seconds that do not lead beyond the year 9999"
        ) from exc


def encode_row(record: JobRecord) -> str:
    """Write the row as it was spelt, with one blank between its words.

    Raises:
        DecodeError: The record came from another format.
    """
    row = record.residue.get("row")
    if not isinstance(row, str):
        raise DecodeError(
            f"job {record.job_identifier} has no row; right is a job read from SWF"
        )
    return row


def decode_start(line: str) -> datetime | None:
    """Read the start time, None for -1.

    Raises:
        DecodeError: It is no number, or of a year after 9999.
    """
    try:
        seconds = line.partition(":")[2].strip()
        ms = seconds_to_ms(float(seconds) if "." in seconds else int(seconds))
        return None if ms == UNKNOWN_MS else EPOCH + timedelta(milliseconds=ms)
    except (ValueError, OverflowError) as exc:
        found = shorten_value(line.strip())
        raise DecodeError(f"the header has {found}; right is {RIGHT_START}") from exc


def check_name(kind: str, name: str) -> str:
    """Check the name of a partition or a queue.

    Raises:
        DecodeError: It cannot be stored.
    """
    if len(name) > MAX_NAME_CHARS or not is_storable(name):
        right = f"text of at most {MAX_NAME_CHARS} characters without NUL"
        found = shorten_value(name)
        raise DecodeError(f"a {kind.lower()} is {found}; right is {right}")
    return name


@lru_cache(maxsize=CACHED)
def to_plain_number(number: str) -> str:
    """Write a number without needless zeros: 1.0 and 01 are 1, and -1.0 is -1."""
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    plain = whole.lstrip("-").lstrip("0") or "0"
    if fraction:
        plain = f"{plain}.{fraction}"
    return f"-{plain}" if number.startswith("-") and plain != "0" else plain


def decode_record(
    columns: Sequence[str], row: str, header: SwfHeader, context: DecodeContext
) -> JobRecord:
    """Read the columns.

    Raises:
        ValueError: A number is negative, or the job's own is missing or not whole.
        OverflowError: An instant is after the year 9999.
    """
    number, submit, wait, run, *_ = columns
    timeout, word, user, group, executable, queue, partition = (
        columns[8],
        *columns[10:16],
    )
    if number == UNKNOWN or "." in number:
        raise ValueError("the job has no number")
    submit_ms = to_ms(submit)
    if submit_ms is None:
        raise ValueError("the job has no submit time")
    # A wait that is missing counts as none.
    queue_ms = decode_ms(wait) or 0
    elapsed_ms = decode_ms(run)
    created_at = header.start + timedelta(milliseconds=submit_ms)
    left_queue_at = (
        created_at + timedelta(milliseconds=queue_ms) if queue_ms else created_at
    )
    finished_at = (
        None
        if elapsed_ms is None
        else left_queue_at + timedelta(milliseconds=elapsed_ms)
    )
    status = STATUSES.get(word, JobStatus.UNKNOWN)
    name = header.log_name
    # A job that was canceled while it was queued has no run time.
    is_queued = status is JobStatus.CANCELED and elapsed_ms is None
    category = group if queue == UNKNOWN else header.queues.get(queue, queue)
    return JobRecord(
        source=JobSource.SWF,
        job_identifier=number if name is None else f"{name}/{number}",
        project_id=context.project_id,
        category=None if category == UNKNOWN else category,
        status=status,
        raw_status=word,
        model=decode_model(executable),
        user=decode_user(user),
        created_at=created_at,
        submitted_at=created_at,
        started_at=None if is_queued else left_queue_at,
        finished_at=finished_at,
        updated_at=finished_at or left_queue_at,
        **to_item_counts(status),
        elapsed_ms=elapsed_ms,
        queue_ms=queue_ms,
        timeout_ms=decode_ms(timeout),
        instance=decode_instance(partition, header),
        processors=decode_count(columns[4]),
        requested_processors=decode_count(columns[7]),
        residue={"row": row},
    )


def to_ms(seconds: str) -> int | None:
    """Read seconds as milliseconds, None for -1.

    Raises:
        ValueError: They are negative, or more than 64 bits.
    """
    if seconds == UNKNOWN:
        return None
    ms = seconds_to_ms(float(seconds) if "." in seconds else int(seconds))
    if not 0 <= ms <= MAX_INT64:
        raise ValueError(f"{seconds} s is out of range")
    return ms


# Submit times differ from row to row; other durations recur.
decode_ms = lru_cache(maxsize=CACHED)(to_ms)


@lru_cache(maxsize=CACHED)
def decode_count(number: str) -> int | None:
    """Read a number of processors, None for what is no count, such as -1."""
    count = None if "." in number else int(number)
    return count if count is not None and 0 <= count <= MAX_INT32 else None


@lru_cache(maxsize=CACHED)
def decode_model(executable: str) -> ModelRecord | None:
    """Make the model of an executable, which has only a number."""
    return None if executable == UNKNOWN else ModelRecord(identifier=executable)


@lru_cache(maxsize=CACHED)
def decode_user(number: str) -> UserRecord | None:
    """Make a user, who has only a number."""
    return None if number == UNKNOWN else UserRecord(identifier=number)


def decode_instance(partition: str, header: SwfHeader) -> str | None:
    """Give a partition's name, or its number where the header does not name it."""
    if partition == UNKNOWN:
        return None
    return header.partitions.get(partition, partition)
