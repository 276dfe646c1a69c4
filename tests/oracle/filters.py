"""A job and a `JobFilter` to whether the job is meant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.records import JobStatus
from tests.oracle.records import StoredJob

Given = Mapping[str, Any]

GROUPS = {
    "ALL": {status.value for status in JobStatus},
    "PENDING": {"QUEUED", "RUNNING"},
    "TERMINATED": {"COMPLETED", "FAILED", "CANCELED", "TIMEDOUT"},
    "TIMEDOUT": {"TIMEDOUT"},
}
LISTS = {
    "source": "source",
    "projectId": "project_id",
    "category": "category",
    "submittedBy": "submitted_by",
}
RANGES = {
    "createdAt": "created_at",
    "submittedAt": "submitted_at",
    "startedAt": "started_at",
    "finishedAt": "finished_at",
    "updatedAt": "updated_at",
}


def value_of(stored: StoredJob, column: str) -> Any:  # noqa: ANN401 -- of whatever the column holds
    """Give what a job's column holds."""
    return stored.broken.get(column, getattr(stored.record, column))


def is_meant(stored: StoredJob, given: Given | None) -> bool:
    """Tell whether all that is given of a filter holds for a job."""
    given = {k: v for k, v in (given or {}).items() if v is not None}
    return (
        has_status(stored, given)
        and has_model(stored, given.get("model") or {})
        and has_user(stored, given)
        and all(
            value_of(stored, column) in given[name]
            for name, column in LISTS.items()
            if name in given
        )
        and all(
            is_within(value_of(stored, column), given[name])
            for name, column in RANGES.items()
            if name in given
        )
    )


def has_status(stored: StoredJob, given: Given) -> bool:
    """Compare the status; all statuses together mean every job."""
    wanted = set(given.get("status", JobStatus))
    wanted &= GROUPS[given.get("statusGroup", "ALL")]
    return wanted == GROUPS["ALL"] or value_of(stored, "status") in wanted


def has_model(stored: StoredJob, given: Given) -> bool:
    """Compare what the model is called."""
    asked = {name: values for name, values in given.items() if values is not None}
    model = stored.record.model
    return not asked or (
        model is not None
        and all(getattr(model, name) in values for name, values in asked.items())
    )


def has_user(stored: StoredJob, given: Given) -> bool:
    """Compare who the user is."""
    user = stored.record.user
    return "user" not in given or (
        user is not None and user.identifier in given["user"]
    )


def is_within(instant: datetime | None, span: Given) -> bool:
    """Compare an instant with a span; one that is unknown is in none with a bound."""
    start, end = span.get("from"), span.get("to")
    if start is None and end is None:
        return True
    return (
        instant is not None
        and (start is None or instant >= start)
        and (end is None or instant < end)
    )
