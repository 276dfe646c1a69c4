"""Starts of jobs that cannot be right: before 1970, or more than an hour ahead."""

from datetime import UTC, datetime, timedelta

from gateway.errors import DecodeError
from gateway.instants import format_rfc3339
from gateway.records import JobRecord

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Clocks of two machines may disagree.
MAX_AHEAD = timedelta(hours=1)


def is_odd_start(record: JobRecord, now: datetime) -> bool:
    """Tell whether a job starts before 1970, or more than an hour after `now`."""
    started_at = record.started_at
    return started_at is not None and not EPOCH <= started_at <= now + MAX_AHEAD


def check_start(record: JobRecord, now: datetime) -> None:
    """Refuse a job whose start cannot be right.

    Raises:
        DecodeError: It starts before 1970, or more than an hour after `now`.
    """
    if record.started_at is not None and is_odd_start(record, now):
        raise DecodeError(
            f"startedAt is {format_rfc3339(record.started_at)}; right is an instant"
            " since 1970, at most an hour ahead"
        )
