"""Edges of buckets to the few pre-aggregated spans that lie between them.

What lies before an edge is what lies before the nearest border of a longer span, plus
or minus the little between that border and the edge. So an edge a million hours into
the history takes a dozen shorter spans, however many buckets there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.store.usage.spans import HOUR_MS, SPAN_HOURS

# Before all instants there are, in spans of any length: years have four digits.
FAR_BACK = -(10**9)
# The length of a unit of each level: level 0 is milliseconds, the others are spans.
UNITS_MS = (1, *(hours * HOUR_MS for hours in SPAN_HOURS))
# Points of the first classes count only before the window; those of the next one count
# in its first bucket, which may be the whole window.
BEFORE_CLASSES = 2
WHOLE = BEFORE_CLASSES


# Tuples: a year of hours makes ten thousand of each; dataclasses took twice as long.
class Effect(NamedTuple):
    """How the points of a range count; bucket 0 is all time before the window.

    Attributes:
        sign: 1 or -1.
        bucket: The bucket they count in, with that sign.
        other: The bucket they count in with the opposite sign; None: there is none.
    """

    sign: int
    bucket: int
    other: int | None

    def of(self, bucket: int) -> int:
        """Give the sign with which points count in a bucket; 0: they do not."""
        if bucket == self.bucket:
            return self.sign
        return -self.sign if bucket == self.other else 0


class Range(NamedTuple):
    """Spans of one length: `first` is inclusive, `after` exclusive.

    Attributes:
        class_id: The index of its effect; ranges with the same effect share it.
        span_hours: The length of a span; 0: `first` and `after` are ms since 1970.
    """

    class_id: int
    span_hours: int
    first: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RangesPlan:
    """All ranges to read for a window.

    Attributes:
        effects: By class.
        spans: Ranges of pre-aggregated spans.
        partial_hours: Ranges of jobs, in ms, where an edge is inside an hour.
    """

    effects: Sequence[Effect]
    spans: Sequence[Range]
    partial_hours: Sequence[Range]


class Point(NamedTuple):
    """An instant in units of a level, and the edges that are computed from it."""

    at: int
    first_edge: int
    last_edge: int


class Link(NamedTuple):
    """The range between a point and the one that it is computed from."""

    level: int
    start: int
    end: int
    sign: int
    first_edge: int
    last_edge: int


def plan_ranges(edges: Sequence[int]) -> RangesPlan:
    """Plan what to read for the buckets between edges.

    Args:
        edges: In ms since 1970, each later than the one before it.
    """
    last = len(edges) - 1
    first = (Effect(1, 0, None), Effect(-1, 0, None), Effect(1, 1, None))
    effects = {effect: at for at, effect in enumerate(first)}
    spans: list[Range] = []
    partial_hours: list[Range] = []
    for level, start, end, sign, first_edge, last_edge in link_edges(edges):
        other = None if last_edge == last else last_edge + 1
        class_id = effects.setdefault(Effect(sign, first_edge, other), len(effects))
        hours = SPAN_HOURS[level - 1] if level else 0
        (spans if level else partial_hours).append(Range(class_id, hours, start, end))
    return RangesPlan(effects=tuple(effects), spans=spans, partial_hours=partial_hours)


def link_edges(edges: Sequence[int]) -> Iterator[Link]:
    """Link edges to each other and to ever longer spans, back through all history."""
    points = [Point(edge, at, at) for at, edge in enumerate(edges)]
    for level in range(len(UNITS_MS) - 1):
        points, links = link_level(points, level)
        yield from links
    before = FAR_BACK
    for point in points:
        last_edge = points[-1].last_edge
        top = len(UNITS_MS) - 1
        yield Link(top, before, point.at, 1, point.first_edge, last_edge)
        before = point.at


def link_level(points: Sequence[Point], level: int) -> tuple[list[Point], list[Link]]:
    """Link each point to the previous one, or to the next level where that is nearer.

    Returns:
        The points of the next level, and the links.
    """
    ratio = UNITS_MS[level + 1] // UNITS_MS[level]
    links: list[Link] = []
    raised: list[Point] = []
    # From the last point back: edges linked to a point are computed from it, too.
    last_edge = points[-1].last_edge
    for at in range(len(points) - 1, -1, -1):
        place, first_edge, _ = points[at]
        border = (2 * place + ratio) // (2 * ratio) * ratio
        away = abs(place - border)
        if at and place - points[at - 1].at < away:
            before = points[at - 1].at
            links.append(Link(level, before, place, 1, first_edge, last_edge))
            continue
        if away:
            start, end, sign = (
                (border, place, 1) if border < place else (place, border, -1)
            )
            links.append(Link(level, start, end, sign, first_edge, last_edge))
        border //= ratio
        if raised and raised[-1].at == border:
            raised[-1] = raised[-1]._replace(first_edge=first_edge)
        else:
            raised.append(Point(border, first_edge, last_edge))
        last_edge = first_edge - 1
    return raised[::-1], links
