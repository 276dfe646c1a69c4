"""A window of time and a calendar to the edges of buckets, in ms since 1970."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import gcd
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from gateway.errors import InputError
from gateway.store.columns import from_micros, to_micros

Bucket = Literal["HOUR", "DAY", "WEEK", "MONTH"]

MAX_BUCKETS = 10_000
HOUR_S = 3_600
# The shortest length of each; it limits how many a window may have.
LENGTHS: dict[Bucket, timedelta] = {
    "HOUR": timedelta(hours=1),
    "DAY": timedelta(days=1),
    "WEEK": timedelta(weeks=1),
    "MONTH": timedelta(days=28),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """A span of time: `start` is inclusive, `end` exclusive."""

    start: datetime
    end: datetime


def to_epoch_ms(instant: datetime) -> int:
    """Convert an instant to whole milliseconds since 1970, rounding down."""
    return to_micros(instant) // 1_000


def from_epoch_ms(milliseconds: int) -> datetime:
    """Convert milliseconds since 1970 to an instant."""
    return from_micros(milliseconds * 1_000)


def bucket_edges(
    window: TimeWindow, bucket: Bucket | None, time_zone: str
) -> list[int]:
    """Split a window into calendar buckets of a time zone.

    Returns:
        The window's start, each edge inside it, its end: one more than the buckets.

    Raises:
        InputError: There would be too many buckets.
    """
    edges = [to_epoch_ms(window.start)]
    if bucket is not None:
        asked = -((window.start - window.end) // LENGTHS[bucket])
        if asked > MAX_BUCKETS:
            raise InputError(
                f"the window has up to {asked} buckets; at most {MAX_BUCKETS} are"
                f" allowed: take {describe_smaller(window, bucket)}"
            )
        edges.extend(map(to_epoch_ms, edges_in(window, bucket, ZoneInfo(time_zone))))
    return [*edges, to_epoch_ms(window.end)]


def describe_smaller(window: TimeWindow, bucket: Bucket) -> str:
    """Describe how to ask for fewer buckets."""
    days = MAX_BUCKETS * LENGTHS[bucket].days or MAX_BUCKETS // 24
    fitting = (
        f"longer buckets, {longer} for one, or "
        for longer, length in LENGTHS.items()
        if length > LENGTHS[bucket]
        and window.end - window.start <= MAX_BUCKETS * length
    )
    return f"{next(fitting, '')}a window of at most {days} days"


def edges_in(window: TimeWindow, bucket: Bucket, zone: ZoneInfo) -> Iterator[datetime]:
    """Generate the edges inside a window, without its start and end."""
    next_edge = next_hour if bucket == "HOUR" else next_midnight(bucket)
    at = window.start
    while True:
        try:
            at = next_edge(at, zone)
        except (OverflowError, ValueError):  # the calendar ends with the year 9999
            return
        if at >= window.end:
            return
        yield at


def next_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """Find the next full hour on the zone's clock.

    An hour that comes twice, since the clock is put back, is two buckets.
    """
    local = at.astimezone(zone)
    passed = timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return at + timedelta(seconds=HOUR_S) - passed


def next_midnight(bucket: Bucket) -> Callable[[datetime, ZoneInfo], datetime]:
    """Make a function that finds the first instant of the next day, week or month."""

    def find(at: datetime, zone: ZoneInfo) -> datetime:
        today = at.astimezone(zone).replace(
            hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0
        )
        days = {"DAY": 1, "WEEK": 7 - today.weekday()}.get(bucket)
        if days is None:
            following = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
        else:
            following = today + timedelta(days=days)
        # A midnight that the clock skips becomes the instant of the change.
        return following.replace(tzinfo=zone).astimezone(UTC)

    return find


class Slot(NamedTuple):
    """A slot of time with at most one edge in it; `bucket` is that of its start."""

    slot: int
    edge: int
    bucket: int


def make_slots(edges: Sequence[int]) -> tuple[int, Sequence[Slot]]:
    """Divide a window into slots as long as its shortest inner bucket.

    Slots begin at the first inner edge; before it is bucket 1.

    Returns:
        The length of a slot; the slots.
    """
    inner, end = edges[1:-1], edges[-1]
    step = min((b - a for a, b in pairwise(inner)), default=max(1, end - edges[1]))
    slots: list[Slot] = []
    bucket = 2
    for slot, start in enumerate(range(edges[1], end, step)):
        while edges[bucket] <= start:
            bucket += 1
        slots.append(Slot(slot, edges[bucket], bucket))
    return step, slots


def choose_slot_ms(edges: Sequence[int]) -> int:
    """Choose the length of slots such that every inner edge lies between two.

    Slots begin at the first inner edge; before it is a slot of its own.
    """
    inner = edges[1:-1]
    steps = (after - before for before, after in pairwise(inner))
    return gcd(*steps) or max(1, edges[-1] - edges[1])
