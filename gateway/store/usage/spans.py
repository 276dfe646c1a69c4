"""The spans of time and the dimensions of usage figures, and their values as keys."""

from typing import Any

HOUR_MS = 3_600_000
# Each is a multiple of the one before; all begin at 1970-01-01 UTC. By a factor of 4,
# a window's edge is at most two spans of each length from a border, one on average.
SPAN_HOURS = (1, 24, 96, 384, 1536, 6144, 24_576)
# The columns of jobs by whose values usage is counted.
DIMENSIONS = (
    "category",
    "model_id",
    "user_id",
    "status",
    "source",
    "project_id",
    "submitted_by",
)
# In keys: all projects, no dimension, or the value of jobs that have none.
EVERYTHING = ""
# Before each value, to tell an empty text from no value.
MARK = "="
NUMBERED = "_id"


def to_usage_key(value: str | int | None) -> str:
    """Write a value of a dimension as text for keys of usage."""
    return EVERYTHING if value is None else f"{MARK}{value}"


def from_usage_key(dimension: str, text: str) -> Any:  # noqa: ANN401 -- as the column's
    """Read a value that `to_usage_key` wrote."""
    if not text:
        return None
    value = text.removeprefix(MARK)
    return int(value) if dimension.endswith(NUMBERED) else value
