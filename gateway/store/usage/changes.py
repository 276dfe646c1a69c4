"""Jobs that are added and removed to changes of the usage figures.

A job counts in dozens of figures. So the runs of equal jobs in the same hour are added
up first, then by dimension, then from hours to longer spans.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import add as plus
from typing import Any

from gateway.store.usage.spans import (
    DIMENSIONS,
    EVERYTHING,
    HOUR_MS,
    SPAN_HOURS,
    to_usage_key,
)

# The values of a job that usage depends on, in the order of `FACTS`.
Facts = tuple[Any, ...]
# Project, dimension, span in hours, number of the span, value; for costs, currency;
# then the figures.
UsageRow = tuple[Any, ...]
# Counts and sums, of runs or of costs.
Figures = tuple[int, ...]
Hours = dict[int, Figures]
# Project, dimension and value; for costs, currency.
SeriesKey = tuple[str, ...]

FACTS = (*DIMENSIONS, "run_start_ms", "run_end_ms", "cost_amount", "cost_currency")
WIDTH = len(DIMENSIONS)
PROJECT_AT = DIMENSIONS.index("project_id")
CURRENCY_AT = FACTS.index("cost_currency")
NANOS_IN_UNIT = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Differences to add to the figures.

    Attributes:
        points: Starts, the sum of their ms, ends, the sum of their ms.
        costs: Jobs, units, billionths.
    """

    points: Sequence[UsageRow]
    costs: Sequence[UsageRow]


def to_changes(added: Iterable[Facts], removed: Iterable[Facts]) -> Changes:
    """Add up the figures of added jobs, and subtract those of removed ones."""
    points: dict[Facts, Hours] = {}
    costs: dict[Facts, Hours] = {}
    for facts, sign in ((added, 1), (removed, -1)):
        add_runs(points, facts, sign)
        add_costs(costs, facts, sign)
    return Changes(
        points=to_usage_rows(spread(points), HOUR_MS),
        costs=to_usage_rows(spread(costs), 0),
    )


def add_runs(points: dict[Facts, Hours], jobs: Iterable[Facts], sign: int) -> None:
    """Add the runs that have ended, by the values of the dimensions and by hour."""
    for facts in jobs:
        start_ms, end_ms = facts[WIDTH], facts[WIDTH + 1]
        if start_ms is None or end_ms is None:
            continue
        hours = points.setdefault(facts[:WIDTH], {})
        hour, start_ms = divmod(start_ms, HOUR_MS)
        last = to_last_hour(facts)
        end_ms -= last * HOUR_MS
        if last == hour:
            add(hours, hour, (sign, sign * start_ms, sign, sign * end_ms))
        else:
            add(hours, hour, (sign, sign * start_ms, 0, 0))
            add(hours, last, (0, 0, sign, sign * end_ms))


def add_costs(costs: dict[Facts, Hours], jobs: Iterable[Facts], sign: int) -> None:
    """Add the costs of runs that have ended."""
    for facts in jobs:
        nanos, currency = facts[WIDTH + 2], facts[WIDTH + 3]
        if nanos is None or facts[WIDTH] is None or facts[WIDTH + 1] is None:
            continue
        hours = costs.setdefault((*facts[:WIDTH], currency), {})
        units, nanos = divmod(nanos, NANOS_IN_UNIT)
        add(hours, to_last_hour(facts), (sign, sign * units, sign * nanos))


def to_last_hour(facts: Facts) -> int:
    """Give the hour of a run's last ms: an end on the hour is in the hour before."""
    start_ms, end_ms = facts[WIDTH], facts[WIDTH + 1]
    hour: int = (end_ms - 1 if end_ms > start_ms else end_ms) // HOUR_MS
    return hour


def spread(found: Mapping[Facts, Hours]) -> dict[SeriesKey, Hours]:
    """Add figures up for each project and each value of each dimension."""
    series: dict[SeriesKey, Hours] = {}
    for facts, hours in found.items():
        for key in to_series_keys(facts):
            known = series.get(key)
            if known is None:
                series[key] = hours.copy()
                continue
            for hour, figures in hours.items():
                add(known, hour, figures)
    return series


def to_series_keys(facts: Facts) -> Iterator[SeriesKey]:
    """List the series that equal jobs count in, of the account and their project."""
    rest = facts[WIDTH:]
    keys = [*zip(DIMENSIONS, map(to_usage_key, facts[:WIDTH]), strict=True)]
    yield (EVERYTHING, EVERYTHING, EVERYTHING, *rest)
    for name, key in keys:
        yield (EVERYTHING, name, key, *rest)
    project = keys.pop(PROJECT_AT)[1]
    if project != EVERYTHING:
        yield (project, EVERYTHING, EVERYTHING, *rest)
        for name, key in keys:
            yield (project, name, key, *rest)


def add(known: Hours, at: int, figures: Figures) -> None:
    """Add figures to those of a span."""
    old = known.get(at)
    known[at] = figures if old is None else tuple(map(plus, old, figures))


def to_usage_rows(series: Mapping[SeriesKey, Hours], hour_ms: int) -> list[UsageRow]:
    """Make rows of the figures, for hours and for longer spans; zeros are left out.

    Args:
        series: Figures by hour.
        hour_ms: How much a summed instant grows where a span begins an hour earlier; 0
            for figures that are no instants.
    """
    rows = []
    for key in sorted(series):  # neighbours in the table come one after the other
        project, dimension, value, *rest = key
        spans = series[key]
        for level, span_hours in enumerate(SPAN_HOURS):
            if level:
                spans = to_longer(spans, level, hour_ms)
            rows += [
                (project, dimension, span_hours, span, value, *rest, *figures)
                for span, figures in spans.items()
                if any(figures)
            ]
    return rows


def to_longer(spans: Hours, level: int, hour_ms: int) -> Hours:
    """Add spans up to the next longer ones."""
    shorter_hours = SPAN_HOURS[level - 1]
    ratio = SPAN_HOURS[level] // shorter_hours
    found: Hours = {}
    for span, figures in spans.items():
        longer, place = divmod(span, ratio)
        passed_ms = place * shorter_hours * hour_ms
        if passed_ms:
            # The same instants, counted from an earlier start.
            starts, starts_ms, ends, ends_ms = figures
            earlier_ms = (starts_ms + starts * passed_ms, ends_ms + ends * passed_ms)
            add(found, longer, (starts, earlier_ms[0], ends, earlier_ms[1]))
        else:
            add(found, longer, figures)
    return found
