"""Spans of time that usage is added up by, and the values it is split by, as keys."""

from typing import Any

HOUR_MS = 3_600_000
# Each is a whole number of the one before it; all begin at 1970-01-01 UTC. With fours
# an edge is two spans of each length away from a border at the most, one on average.
SPAN_HOURS = (1, 24, 96, 384, 1536, 6144, 24_576)
# The columns of jobs whose values have figures of their own.
DIMENSIONS = (
    "category",
    "model_id",
    "user_id",
    "status",
    "source",
    "project_id",
    "submitted_by",
)
# The project of figures of all projects, the dimension of those of all values, and
# the value of jobs that have none.
EVERYTHING = ""
# Before each value there is, so that an empty text is not taken for none.
MARK = "="
NUMBERED = "_id"


def to_key(value: str | int | None) -> str:
    """Write a value of a dimension as the text it has in the keys of usage."""
    return EVERYTHING if value is None else f"{MARK}{value}"


def from_key(dimension: str, text: str) -> Any:  # noqa: ANN401 -- as the column's
    """Read what `to_key` wrote of a column's value."""
    if not text:
        return None
    value = text.removeprefix(MARK)
    return int(value) if dimension.endswith(NUMBERED) else value
