"""Select usage from the pre-aggregated spans, and from the few jobs not in them.

Runs that have ended are in spans of whole hours and longer. Partial hours are read from
the jobs by their indexes, and so are the runs that have not ended.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)

from gateway.query.usage.request import MAX_ROWS
from gateway.query.usage.sql_jobs import (
    COST,
    NANOS,
    NO_CURRENCY,
    NO_POINTS,
    RUN_END,
    RUN_START,
    ZERO,
    UsageShape,
    last_ms,
    runs_of,
    select_points,
    split_sum,
    usage_conditions,
)
from gateway.query.usage.sql_spans import select_spans
from gateway.store.joins import join_ranges
from gateway.store.portable import table_of_rows
from gateway.store.tables import jobs, or_latest
from gateway.store.usage.spans import HOUR_MS

COUNT = cast(func.count(), BigInteger)
MICROS = literal_column("1000", BigInteger)


def select_usage(shape: UsageShape, *, has_partial_hours: bool) -> CompoundSelect[Any]:
    """Select the points of runs: pre-aggregated, in partial hours, and still running.

    Partial hours are left out of the SQL where there are none: with them, PostgreSQL
    estimates such a cost that it never uses a generic plan, and planning each time
    takes longer than running.

    The place of a row is the class of a range where the runs have ended, and a slot
    where they have not. GROUP BY keys are written as in the keys of the spans.
    Parameters: `account`, `project`, those of the predicates, `figures_project`,
    `figures_dimension`, `spans` and, if there are any, `partial_hours` (rows of
    ranges), those of slots.
    """
    is_running = (RUN_END.is_(None), RUN_START.is_not(None))
    running = runs_of(shape, span_key_values(shape), *is_running)
    selects = [
        *select_spans(shape),
        *(select_partial_hours(shape) if has_partial_hours else ()),
        *select_points(running, shape),
    ]
    return union_all(*selects).limit(literal_column(str(MAX_ROWS)))


def span_key_values(shape: UsageShape) -> Sequence[ColumnElement[str]]:
    """Write values of jobs as in the keys of the spans: `=` and the value, or empty."""
    return [
        case(
            (jobs.c[name].is_(None), literal_column("''", Text)),
            else_=literal_column("'='", Text).concat(cast(jobs.c[name], Text)),
        )
        for name in shape.dimensions
    ]


def select_partial_hours(shape: UsageShape) -> Iterator[Select[Any]]:
    """Select starts, ends and, if asked for, costs of jobs in partial hours."""
    hours = table_of_rows("partial_hours", ("class_id", "first", "after"))
    by: list[ColumnElement[Any]] = [hours.c.class_id, *span_key_values(shape)]
    starts = split_sum(RUN_START, HOUR_MS, "starts")
    yield (
        select(ZERO, *by, NO_CURRENCY, COUNT, *starts, *NO_POINTS)
        .select_from(join_jobs(shape, hours, starts_in(hours)))
        .group_by(*by)
    )
    ended = join_jobs(shape, hours, ends_in(hours))
    ends = split_sum(RUN_END, HOUR_MS, "ends")
    yield (
        select(ZERO, *by, NO_CURRENCY, *NO_POINTS, COUNT, *ends)
        .select_from(ended)
        .group_by(*by)
    )
    if shape.wants_costs:
        by.append(jobs.c.cost_currency)
        costs = split_sum(COST, NANOS, "costs")
        yield (
            select(ZERO, *by, *NO_POINTS, COUNT, *costs)
            .select_from(ended)
            .where(jobs.c.cost_amount.is_not(None))
            .group_by(*by)
        )


def join_jobs(
    shape: UsageShape, hours: CTE, condition: ColumnElement[bool]
) -> FromClause:
    """Join ranges with the jobs in them whose run has ended."""
    ended = [*usage_conditions(shape), RUN_END.is_not(None)]
    return join_ranges(hours, jobs, and_(*ended, condition))


def starts_in(hours: CTE) -> ColumnElement[bool]:
    """Restrict jobs to runs that start in a range, by the index of `started_at`."""
    started_us = type_coerce(or_latest(jobs.c.started_at), BigInteger)
    return and_(
        started_us >= hours.c["first"] * MICROS, started_us < hours.c.after * MICROS
    )


def ends_in(hours: CTE) -> ColumnElement[bool]:
    """Restrict jobs to runs whose last millisecond is in a range, by an index."""
    return and_(
        RUN_END.between(hours.c["first"], hours.c.after),
        last_ms(RUN_START, RUN_END) >= hours.c["first"],
        last_ms(RUN_START, RUN_END) < hours.c.after,
    )
