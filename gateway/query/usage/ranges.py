"""Edges of a window to the few spans of kept figures that tell what lies between them.

What lies before an edge is what lies before the nearest border of a longer span, and
the little between that border and the edge, added or taken away. So an edge a million
hours into the history takes a dozen shorter spans, whatever is asked on its other side.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.store.usage.spans import HOUR_MS, SPAN_HOURS

# Before all instants there are, in spans of any length: years have four digits.
FAR_BACK = -(10**9)
# How many spans long each unit of a level is: level 0 is single milliseconds.
UNITS_MS = (1, *(hours * HOUR_MS for hours in SPAN_HOURS))
# The first classes: what matters to nothing but the time before the window; the next
# one is what lies in its first part, which may be the whole window.
BEFORE_CLASSES = 2
WHOLE = BEFORE_CLASSES


# Tuples: a year of hours makes ten thousand of each; dataclasses took twice as long.
class Effect(NamedTuple):
    """What the points of a range do to parts; part 0 is all before the window.

    Attributes:
        sign: 1 or -1.
        part: The part they count in, with that sign.
        other: One they count in with the opposite sign; None: there is none.
    """

    sign: int
    part: int
    other: int | None

    def of(self, part: int) -> int:
        """Give the sign that points count with in a part; 0: they do not."""
        if part == self.part:
            return self.sign
        return -self.sign if part == self.other else 0


class Range(NamedTuple):
    """Spans of one length: from `first` up to and without `after`.

    Attributes:
        class_id: The place of its effect; ranges of the same effect share it.
        span_hours: 0: the numbers are ms since 1970.
    """

    class_id: int
    span_hours: int
    first: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """All that is to be read.

    Attributes:
        effects: By class.
        spans: Of kept figures.
        partial_hours: Of jobs, in ms, where an edge is inside an hour.
    """

    effects: Sequence[Effect]
    spans: Sequence[Range]
    partial_hours: Sequence[Range]


class Point(NamedTuple):
    """An instant in units of a level, and which edges are reckoned from it."""

    at: int
    first_edge: int
    last_edge: int


class Link(NamedTuple):
    """What lies between a point and what it is reckoned from."""

    level: int
    start: int
    end: int
    sign: int
    first_edge: int
    last_edge: int


def to_ranges(edges: Sequence[int]) -> Ranges:
    """Say what to read for the parts between edges.

    Args:
        edges: In ms since 1970, each later than the one before it.
    """
    last = len(edges) - 1
    first = (Effect(1, 0, None), Effect(-1, 0, None), Effect(1, 1, None))
    effects = {effect: at for at, effect in enumerate(first)}
    spans: list[Range] = []
    partial_hours: list[Range] = []
    for level, start, end, sign, first_edge, last_edge in to_links(edges):
        other = None if last_edge == last else last_edge + 1
        class_id = effects.setdefault(Effect(sign, first_edge, other), len(effects))
        hours = SPAN_HOURS[level - 1] if level else 0
        (spans if level else partial_hours).append(Range(class_id, hours, start, end))
    return Ranges(effects=tuple(effects), spans=spans, partial_hours=partial_hours)


def to_links(edges: Sequence[int]) -> Iterator[Link]:
    """Link edges to each other and to ever longer spans, back to all history."""
    points = [Point(edge, at, at) for at, edge in enumerate(edges)]
    for level in range(len(UNITS_MS) - 1):
        points, links = link_up(points, level)
        yield from links
    before = FAR_BACK
    for point in points:
        last_edge = points[-1].last_edge
        top = len(UNITS_MS) - 1
        yield Link(top, before, point.at, 1, point.first_edge, last_edge)
        before = point.at


def link_up(points: Sequence[Point], level: int) -> tuple[list[Point], list[Link]]:
    """Link each point to the one before it, or to the next level where that is nearer.

    Returns:
        The points of the next level, and the links.
    """
    ratio = UNITS_MS[level + 1] // UNITS_MS[level]
    links: list[Link] = []
    raised: list[Point] = []
    # From the last point back: what is linked to a point is reckoned from it, too.
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
