"""A job's status to item counts, for sources that count no items."""

from functools import cache
from typing import TypedDict

from gateway.records import PENDING_STATUSES, JobStatus


class ItemCounts(TypedDict):
    """How many items of a job are in each state."""

    pending: int
    completed: int
    failed: int


@cache
def to_item_counts(status: JobStatus) -> ItemCounts:
    """Count a job as one item in the job's own state; if that is unknown, in none."""
    is_pending = status in PENDING_STATUSES
    is_completed = status is JobStatus.COMPLETED
    is_failed = not (is_pending or is_completed or status is JobStatus.UNKNOWN)
    return {"pending": +is_pending, "completed": +is_completed, "failed": +is_failed}
