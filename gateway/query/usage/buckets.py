"""A window of time and a calendar to the edges of its parts, in ms since 1970."""

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
# The shortest that each may be, to say how many are asked for.
LENGTHS: dict[Bucket, timedelta] = {
    "HOUR": timedelta(hours=1),
    "DAY": timedelta(days=1),
    "WEEK": timedelta(weeks=1),
    "MONTH": timedelta(days=28),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of time: from `start` up to and without `end`."""

    start: datetime
    end: datetime


def to_ms(instant: datetime) -> int:
    """Convert an instant to whole milliseconds since 1970, cutting off the rest."""
    return to_micros(instant) // 1_000


def from_ms(milliseconds: int) -> datetime:
    """Convert milliseconds since 1970 to an instant."""
    return from_micros(milliseconds * 1_000)


def to_edges(window: Window, bucket: Bucket | None, time_zone: str) -> list[int]:
    """Split a window at the edges of calendar parts in a time zone.

    Returns:
        The window's start, each edge inside it, its end: one more than there are parts.

    Raises:
        InputError: There would be too many parts.
    """
    edges = [to_ms(window.start)]
    if bucket is not None:
        asked = -((window.start - window.end) // LENGTHS[bucket])
        if asked > MAX_BUCKETS:
            raise InputError(
                f"the window has up to {asked} buckets; at most {MAX_BUCKETS} are"
                f" allowed: take {to_advice(window, bucket)}"
            )
        edges.extend(map(to_ms, inner_edges(window, bucket, ZoneInfo(time_zone))))
    return [*edges, to_ms(window.end)]


def to_advice(window: Window, bucket: Bucket) -> str:
    """Say how to ask for fewer parts."""
    days = MAX_BUCKETS * LENGTHS[bucket].days or MAX_BUCKETS // 24
    fitting = (
        f"longer buckets, {longer} for one, or "
        for longer, length in LENGTHS.items()
        if length > LENGTHS[bucket]
        and window.end - window.start <= MAX_BUCKETS * length
    )
    return f"{next(fitting, '')}a window of at most {days} days"


def inner_edges(window: Window, bucket: Bucket, zone: ZoneInfo) -> Iterator[datetime]:
    """Give the edges inside a window, none at its start or end."""
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
    """Give the next full hour on the zone's clock, real time later.

    Where the clock is put back an hour comes twice, and is two parts.
    """
    local = at.astimezone(zone)
    passed = timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return at + timedelta(seconds=HOUR_S) - passed


def next_midnight(bucket: Bucket) -> Callable[[datetime, ZoneInfo], datetime]:
    """Give what finds the first instant of the next day, week or month."""

    def find(at: datetime, zone: ZoneInfo) -> datetime:
        today = at.astimezone(zone).replace(
            hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0
        )
        days = {"DAY": 1, "WEEK": 7 - today.weekday()}.get(bucket)
        if days is None:
            following = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
        else:
            following = today + timedelta(days=days)
        # A midnight that the clock skips reads as the instant at which it skips it.
        return following.replace(tzinfo=zone).astimezone(UTC)

    return find


class Place(NamedTuple):
    """A slot of time, with at most one edge in it: `part` is that of its start."""

    slot: int
    edge: int
    part: int


def to_places(edges: Sequence[int]) -> tuple[int, Sequence[Place]]:
    """Give equal slots, and the part, from 1, that each lies in.

    Slots begin at the first inner edge; what is before it is part 1.

    Returns:
        The length of a slot; the slots.
    """
    inner, end = edges[1:-1], edges[-1]
    step = min((b - a for a, b in pairwise(inner)), default=max(1, end - edges[1]))
    places: list[Place] = []
    part = 2
    for slot, start in enumerate(range(edges[1], end, step)):
        while edges[part] <= start:
            part += 1
        places.append(Place(slot, edges[part], part))
    return step, places


def to_slot_ms(edges: Sequence[int]) -> int:
    """Give the length of equal slots such that every inner edge lies between two.

    Slots begin at the first inner edge; what is before it is one slot of its own.
    """
    inner = edges[1:-1]
    steps = (after - before for before, after in pairwise(inner))
    return gcd(*steps) or max(1, edges[-1] - edges[1])
