"""Usage requests, and the checks of their size."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.errors import InputError
from gateway.query.plan.filters import Filter
from gateway.query.usage.buckets import Bucket, TimeWindow

MAX_DIMENSIONS = 3
MAX_GROUPS = 10_000
# A group has few pre-aggregated rows, some for each edge of its bucket.
MAX_ROWS = 50 * MAX_GROUPS


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOrder:
    """The order of the groups in each bucket."""

    by: Literal["LENGTH", "COUNT", "KEY"] = "LENGTH"
    is_descending: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRequest:
    """A request for a usage summary.

    Attributes:
        dimensions: The GROUP BY columns of jobs.
        as_of: The instant up to which running jobs count.
        restriction: Which jobs count.
        fills_empty: Whether each group is in all buckets, also those without jobs.
    """

    window: TimeWindow
    dimensions: tuple[str, ...]
    bucket: Bucket | None
    time_zone: str
    as_of: datetime
    restriction: Filter
    order: GroupOrder = GroupOrder()
    fills_empty: bool = False


def check_usage(request: UsageRequest) -> None:
    """Check the window and the dimensions.

    Raises:
        InputError: The window's start is after its end, or a dimension is repeated, or
            there are too many.
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


def check_groups(groups: int, buckets: int) -> None:
    """Check the number of groups of an answer.

    Args:
        groups: The number of groups in each bucket.
        buckets: The number of buckets; 1 where `groups` is that of all buckets.

    Raises:
        InputError: It has too many groups.
    """
    size = groups * buckets
    if size > MAX_GROUPS:
        detail = f" ({groups} in each of {buckets} buckets)" if buckets > 1 else ""
        raise too_large(f"{size} groups{detail}")


def check_rows(rows: int) -> None:
    """Check that the statement's LIMIT has not cut rows off.

    Raises:
        InputError: It has.
    """
    if rows >= MAX_ROWS:
        raise too_large("far too many groups")


def too_large(size: str) -> InputError:
    """Make the error for a summary that is too large."""
    return InputError(
        f"the summary has {size}; at most {MAX_GROUPS} are allowed: take fewer"
        " dimensions, longer buckets or a shorter window"
    )
