"""Usage shapes to SQL over jobs: counts and sums of run starts and ends, by slots.

Rows of usage are alike whatever they are read from: whether the jobs still run, a place
in time, the GROUP BY key, a currency, and six figures. Without a currency these are the
number of runs that start there, the hours and the ms of their starts, and the same of
ends. With one, the last three are the number of jobs with a cost, and its units and
billionths.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from gateway.query.plan.filters import Predicate
from gateway.query.sql.conditions import condition_of, of_tenant
from gateway.store.tables import jobs
from gateway.store.usage.spans import HOUR_MS

# Billionths in a unit of money.
NANOS = 10**9
ZERO = literal_column("0", BigInteger)
NO_POINTS = [ZERO, ZERO, ZERO]
NO_CURRENCY = cast(null(), Text).label("currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageShape:
    """The shape of a usage summary's statements.

    Attributes:
        dimensions: The GROUP BY columns of jobs.
        is_slotted: Whether the window has more than one bucket.
        wants_costs: Whether costs are asked for.
    """

    dimensions: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    in_project: bool
    is_slotted: bool
    wants_costs: bool


def parameter(name: str) -> ColumnElement[int]:
    """Make a bind parameter in ms."""
    return bindparam(name, type_=BigInteger)


def larger(left: ColumnElement[int], right: ColumnElement[int]) -> ColumnElement[int]:
    """Write the larger of two; SQLite and PostgreSQL name the function differently."""
    return case((left > right, left), else_=right)


def last_ms(start: ColumnElement[int], end: ColumnElement[int]) -> ColumnElement[int]:
    """Write a run's last millisecond: the one before its end, if it has a length.

    So a run that ends at an edge ends in the bucket before it.
    """
    return case((end > start, end - 1), else_=end)


WINDOW_START, WINDOW_END = parameter("window_start"), parameter("window_end")
RUN_START, RUN_END = jobs.c.run_start_ms, jobs.c.run_end_ms
IS_RUNNING = case((RUN_END.is_(None), 1), else_=0)
# A run's end, `as_of` while it runs; then its start and end cut to the window.
END = func.coalesce(RUN_END, larger(parameter("as_of"), RUN_START))
CUT_START = larger(RUN_START, WINDOW_START)
CUT_END = case((END < WINDOW_END, END), else_=WINDOW_END)
COST = type_coerce(jobs.c.cost_amount, BigInteger)
# The currency of a job that has a cost and ends in the window, else null.
CURRENCY = case(
    (and_(RUN_END <= WINDOW_END, jobs.c.cost_amount.is_not(None)), jobs.c.cost_currency)
)


def select_usage_of_jobs(shape: UsageShape) -> CompoundSelect[Any]:
    """Select the starts, ends and costs of all runs from the jobs, in one scan."""
    keys = [jobs.c[name] for name in shape.dimensions]
    runs = runs_of(shape, keys)
    return union_all(*select_points(runs, shape))


def runs_of(
    shape: UsageShape, keys: Sequence[ColumnElement[Any]], *only: ColumnElement[bool]
) -> CTE:
    """Count and sum the runs that overlap the window, by the slots of start and end.

    Args:
        shape: What is asked.
        keys: The GROUP BY columns.
        only: Further conditions on jobs.
    """
    by = [
        *(key.label(f"key{at}") for at, key in enumerate(keys)),
        IS_RUNNING.label("runs"),
        slot_of(CUT_START, shape).label("first_slot"),
        slot_of(last_ms(CUT_START, CUT_END), shape).label("last_slot"),
    ]
    figures = [
        func.count().label("points"),
        *split_sum(CUT_START, HOUR_MS, "starts"),
        *split_sum(CUT_END, HOUR_MS, "ends"),
    ]
    if shape.wants_costs:
        by.append(CURRENCY.label("currency"))
        figures.extend(split_sum(COST, NANOS, "costs"))
    return (
        select(*by, *figures)
        .where(*usage_conditions(shape), touches_window(), *only)
        .group_by(*by)
        .cte("runs")
    )


def split_sum(
    number: ColumnElement[int], divisor: int, name: str
) -> Sequence[ColumnElement[int]]:
    """Sum quotients and remainders apart: the whole sum may exceed 64 bits."""
    by = literal_column(str(divisor), BigInteger)
    return [
        total(number // by).label(f"{name}_high"),
        total(number % by).label(f"{name}_low"),
    ]


def total(number: ColumnElement[Any]) -> ColumnElement[int]:
    """Sum integers to an integer: PostgreSQL's result is a decimal."""
    return cast(func.sum(number), BigInteger)


def select_points(runs: CTE, shape: UsageShape) -> Iterator[Select[Any]]:
    """Select the starts of runs, their ends, and their costs."""
    keys = [runs.c[f"key{at}"] for at in range(len(shape.dimensions))]
    starts = totals(runs, "points", "starts_high", "starts_low")
    ends = totals(runs, "points", "ends_high", "ends_low")

    first = [runs.c.runs, runs.c.first_slot, *keys]
    last = [runs.c.runs, runs.c.last_slot, *keys]
    yield select(*first, NO_CURRENCY, *starts, *NO_POINTS).group_by(*first)
    yield select(*last, NO_CURRENCY, *NO_POINTS, *ends).group_by(*last)
    if shape.wants_costs:
        costs = totals(runs, "points", "costs_high", "costs_low")
        paid = [*last, runs.c.currency]
        yield (
            select(*paid, *NO_POINTS, *costs)
            .where(runs.c.currency.is_not(None))
            .group_by(*paid)
        )


def totals(runs: CTE, *names: str) -> Sequence[ColumnElement[int]]:
    """Sum columns of runs."""
    return [total(runs.c[name]) for name in names]


def touches_window() -> ColumnElement[bool]:
    """Restrict jobs to runs that overlap the window; an index serves the last term."""
    return and_(
        RUN_START < WINDOW_END,
        or_(END > WINDOW_START, RUN_START >= WINDOW_START),
        or_(RUN_END >= WINDOW_START, RUN_END.is_(None)),
    )


def usage_conditions(shape: UsageShape) -> list[ColumnElement[bool]]:
    """Restrict jobs to those that count."""
    return [
        of_tenant(jobs, in_project=shape.in_project),
        *(condition_of(p, jobs, order="run_end_ms") for p in shape.predicates),
    ]


def slot_of(instant: ColumnElement[int], shape: UsageShape) -> ColumnElement[int]:
    """Write the number of an instant's slot; 0 is before the first inner edge."""
    if not shape.is_slotted:
        return literal(0, BigInteger)
    first, slot_ms = parameter("first_edge"), parameter("slot_ms")
    return case((instant < first, 0), else_=(instant - first) // slot_ms + 1)
