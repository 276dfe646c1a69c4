"""A job's status to the counts of its items, where the source counts none."""

from gateway.records import PENDING_STATUSES, JobStatus

# Pending, completed and failed: how many of a job's items are in each state.
Items = tuple[int, int, int]


def to_items(status: JobStatus) -> Items:
    """Count one item by the status of its job; an unknown status counts nowhere."""
    if status in PENDING_STATUSES:
        return (1, 0, 0)
    if status is JobStatus.COMPLETED:
        return (0, 1, 0)
    if status is JobStatus.UNKNOWN:
        return (0, 0, 0)
    return (0, 0, 1)
