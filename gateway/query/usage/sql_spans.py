"""Select the starts, ends and costs of runs from the pre-aggregated spans."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
)

from gateway.query.usage.ranges import BEFORE_CLASSES, WHOLE
from gateway.query.usage.sql_jobs import NO_CURRENCY, NO_POINTS, ZERO, UsageShape, total
from gateway.store.joins import join_ranges
from gateway.store.portable import table_of_rows
from gateway.store.tables import usage_costs, usage_points

WHOLE_CLASS = literal_column(str(WHOLE), BigInteger)
POINTS, COSTS = usage_points.c, usage_costs.c


def select_spans(shape: UsageShape) -> Iterator[Select[Any]]:
    """Select the points of spans and, if they are asked for, costs."""
    if shape.is_slotted:
        spans = span_ranges_table("class_id")
        yield select_points_by_class(shape, spans)
    else:
        spans = span_ranges_table("before", "inside")
        yield from select_whole_points(shape, spans)
    if shape.wants_costs:
        yield select_costs(shape, spans)


def span_ranges_table(*effect: str) -> CTE:
    """Write the ranges of spans as a table, with the columns of their effect."""
    return table_of_rows("spans", (*effect, "span_hours", "first", "after"))


def select_points_by_class(shape: UsageShape, spans: CTE) -> Select[Any]:
    """Select points by class, without those that cancel out before the window."""
    class_id = spans.c.class_id
    since = POINTS.span * POINTS.span_hours
    starts = (POINTS.starts, POINTS.starts * since, POINTS.starts_ms)
    ends = (POINTS.ends, POINTS.ends * since, POINTS.ends_ms)
    points = list(map(total, (*starts, *ends)))
    return (
        select(*point_columns(class_id, key_of(shape, POINTS.value), points))
        .select_from(join_spans(spans, usage_points))
        .group_by(class_id, POINTS.value)
        .having(
            or_(class_id >= BEFORE_CLASSES, total(POINTS.starts) != total(POINTS.ends))
        )
    )


def select_whole_points(shape: UsageShape, spans: CTE) -> Iterator[Select[Any]]:
    """Select the points of a window of one bucket, added up over all classes.

    There are up to four times fewer rows than by class, in half of the time. Of the
    sums of starts and ends only the difference counts: it is in the columns of starts.
    """
    net = POINTS.starts - POINTS.ends
    sums = {
        "opened": net * spans.c.before,
        "starts": POINTS.starts * spans.c.inside,
        "since": net * POINTS.span * POINTS.span_hours * spans.c.inside,
        "since_ms": (POINTS.starts_ms - POINTS.ends_ms) * spans.c.inside,
        "ends": POINTS.ends * spans.c.inside,
    }
    added = (
        select(POINTS.value, *(total(sums[name]).label(name) for name in sums))
        .select_from(join_spans(spans, usage_points))
        .group_by(POINTS.value)
        .cte("added")
        .prefix_with("MATERIALIZED")
    )
    key = key_of(shape, added.c.value)
    opened, *inside = (added.c[name] for name in sums)
    yield select(*point_columns(WHOLE_CLASS, key, [*inside, ZERO, ZERO]))
    before = point_columns(ZERO, key, [opened, ZERO, ZERO, *NO_POINTS])
    yield select(*before).where(opened != 0)


def select_costs(shape: UsageShape, spans: CTE) -> Select[Any]:
    """Select the costs of the runs that ended in spans."""
    costs: Sequence[ColumnElement[int]] = (COSTS.jobs, COSTS.units, COSTS.nanos)
    by: list[ColumnElement[Any]] = [COSTS.value, COSTS.currency]
    if shape.is_slotted:
        place, is_inside = spans.c.class_id, spans.c.class_id >= BEFORE_CLASSES
        by.append(place)
    else:
        place, is_inside = WHOLE_CLASS, spans.c.inside != 0
        costs = tuple(number * spans.c.inside for number in costs)
    key = [*key_of(shape, COSTS.value), COSTS.currency]
    return (
        select(ZERO, place, *key, *NO_POINTS, *map(total, costs))
        .select_from(join_spans(spans, usage_costs))
        .where(is_inside)
        .group_by(*by)
    )


def join_spans(spans: CTE, figures: Table) -> FromClause:
    """Join ranges with their spans."""
    same = and_(
        figures.c.account == bindparam("account"),
        figures.c.project == bindparam("figures_project", type_=Text),
        figures.c.dimension == bindparam("figures_dimension", type_=Text),
        figures.c.span_hours == spans.c.span_hours,
        figures.c.span >= spans.c["first"],
        figures.c.span < spans.c.after,
    )
    return join_ranges(spans, figures, same)


def key_of(shape: UsageShape, value: ColumnElement[str]) -> list[ColumnElement[str]]:
    """Give the GROUP BY column, where there is a dimension."""
    return [value] if shape.dimensions else []


def point_columns(
    place: ColumnElement[int],
    key: Sequence[ColumnElement[str]],
    points: Sequence[ColumnElement[int]],
) -> list[ColumnElement[Any]]:
    """Write the columns of points in the order of usage rows; see `sql_jobs`."""
    return [ZERO, place, *key, NO_CURRENCY, *points]
