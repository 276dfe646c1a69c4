"""What is asked of usage, and what is refused before anything is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.errors import InputError
from gateway.query.plan.filters import Filter
from gateway.query.usage.buckets import Bucket, Window

MAX_DIMENSIONS = 3
MAX_GROUPS = 10_000
# A group has few rows of kept figures, some for each border of its part.
MAX_ROWS = 50 * MAX_GROUPS


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageOrder:
    """The order of the groups in each part of the window."""

    by: Literal["LENGTH", "COUNT", "KEY"] = "LENGTH"
    is_descending: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRequest:
    """What is asked.

    Attributes:
        dimensions: Columns of jobs to split by.
        as_of: The instant up to which running jobs count.
        restriction: Which jobs count.
        fills_empty: Whether groups are in all parts of the window, also without jobs.
    """

    window: Window
    dimensions: tuple[str, ...]
    bucket: Bucket | None
    time_zone: str
    as_of: datetime
    restriction: Filter
    order: UsageOrder = UsageOrder()
    fills_empty: bool = False


def check_request(request: UsageRequest) -> None:
    """Refuse what has no answer.

    Raises:
        InputError: The window is turned round, or the dimensions cannot be split by.
    """
    window, dimensions = request.window, request.dimensions
    if window.start > window.end:
        raise InputError("startDate is after endDate; give the earlier one first")
    if len(set(dimensions)) < len(dimensions):
        raise InputError("groupBy names a dimension twice; name each once")
    if len(dimensions) > MAX_DIMENSIONS:
        raise InputError(
            f"groupBy has {len(dimensions)} dimensions; give at most {MAX_DIMENSIONS}"
        )


def check_size(groups: int, parts: int) -> None:
    """Refuse an answer that nobody reads.

    Args:
        groups: How many groups there are in each part of the window.
        parts: How many parts; 1 where the groups of all parts are counted.

    Raises:
        InputError: It has too many groups.
    """
    size = groups * parts
    if size > MAX_GROUPS:
        told = f" ({groups} in each of {parts} buckets)" if parts > 1 else ""
        raise too_large(f"{size} groups{told}")


def check_rows(rows: int) -> None:
    """Refuse what has far too many groups before they are made.

    Raises:
        InputError: Not all rows were read.
    """
    if rows >= MAX_ROWS:
        raise too_large("far too many groups")


def too_large(size: str) -> InputError:
    """Say what would be small enough."""
    return InputError(
        f"the summary has {size}; at most {MAX_GROUPS} are allowed: take fewer"
        " dimensions, longer buckets or a shorter window"
    )
