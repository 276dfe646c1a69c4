"""Usage shapes to SQL over jobs: counts and sums of run starts and ends, by slots.

Rows of usage are alike whatever they are read from: whether the jobs still run, a place
in time, the values of the dimensions, a currency, and six figures. Without a currency
these are how many runs start there, the hours and the ms of their starts, and the same
of ends. With one, the last three are how many jobs cost something, the units and the
billionths of it.
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
from gateway.query.sql.conditions import scope, to_condition
from gateway.store.tables import jobs
from gateway.store.usage.spans import HOUR_MS

# Billionths in a unit of money.
NANOS = 10**9
ZERO = literal_column("0", BigInteger)
NO_CURRENCY = cast(null(), Text).label("currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageShape:
    """A usage summary without its values.

    Attributes:
        dimensions: Columns of jobs to group by.
        is_slotted: Whether the window has more than one part.
        wants_costs: Whether what the jobs cost is asked for.
    """

    dimensions: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    in_project: bool
    is_slotted: bool
    wants_costs: bool


def parameter(name: str) -> ColumnElement[int]:
    """Give a bind parameter, in ms."""
    return bindparam(name, type_=BigInteger)


def larger(left: ColumnElement[int], right: ColumnElement[int]) -> ColumnElement[int]:
    """Give the larger of two; the databases have no function in common for it."""
    return case((left > right, left), else_=right)


def last_of(start: ColumnElement[int], end: ColumnElement[int]) -> ColumnElement[int]:
    """Give a run's last moment: just before its end, unless it has no length.

    So a run that ends at an edge ends in the part before it.
    """
    return case((end > start, end - 1), else_=end)


WINDOW_START, WINDOW_END = parameter("window_start"), parameter("window_end")
RUN_START, RUN_END = jobs.c.run_start_ms, jobs.c.run_end_ms
IS_RUNNING = case((RUN_END.is_(None), 1), else_=0)
# A run's end, which is now while it runs; and both cut to the window.
END = func.coalesce(RUN_END, larger(parameter("as_of"), RUN_START))
CUT_START = larger(RUN_START, WINDOW_START)
CUT_END = case((END < WINDOW_END, END), else_=WINDOW_END)
COST = type_coerce(jobs.c.cost_amount, BigInteger)
# In which currency a job costs something where its run ends.
CURRENCY = case(
    (and_(RUN_END <= WINDOW_END, jobs.c.cost_amount.is_not(None)), jobs.c.cost_currency)
)


def select_usage_of_jobs(shape: UsageShape) -> CompoundSelect[Any]:
    """Select the points of all runs from the jobs themselves, in one scan."""
    keys = [jobs.c[name] for name in shape.dimensions]
    runs = runs_of(shape, keys)
    return union_all(*select_points(runs, shape))


def runs_of(
    shape: UsageShape,
    keys: Sequence[ColumnElement[Any]],
    *only: ColumnElement[bool],
) -> CTE:
    """Count and sum the runs that touch the window, by where they start and end.

    Args:
        shape: What is asked.
        keys: The values of the dimensions.
        only: Which of the runs.
    """
    by = [
        *(key.label(f"key{at}") for at, key in enumerate(keys)),
        IS_RUNNING.label("runs"),
        to_slot(CUT_START, shape).label("first_slot"),
        to_slot(last_of(CUT_START, CUT_END), shape).label("last_slot"),
    ]
    figures = [
        func.count().label("points"),
        *split(CUT_START, HOUR_MS, "starts"),
        *split(CUT_END, HOUR_MS, "ends"),
    ]
    if shape.wants_costs:
        by.append(CURRENCY.label("currency"))
        figures.extend(split(COST, NANOS, "costs"))
    return (
        select(*by, *figures)
        .where(*conditions(shape), touches_window(), *only)
        .group_by(*by)
        .cte("runs")
    )


def split(
    number: ColumnElement[int], divisor: int, name: str
) -> Sequence[ColumnElement[int]]:
    """Sum a number in two parts: its sum may have more than 64 bits."""
    by = literal_column(str(divisor), BigInteger)
    return [
        total(number // by).label(f"{name}_high"),
        total(number % by).label(f"{name}_low"),
    ]


def total(number: ColumnElement[Any]) -> ColumnElement[int]:
    """Sum integers to an integer: PostgreSQL would give a decimal."""
    return cast(func.sum(number), BigInteger)


def select_points(runs: CTE, shape: UsageShape) -> Iterator[Select[Any]]:
    """Select the starts of runs, their ends, and what they cost."""
    keys = [runs.c[f"key{at}"] for at in range(len(shape.dimensions))]
    starts = totals(runs, "points", "starts_high", "starts_low")
    ends = totals(runs, "points", "ends_high", "ends_low")
    none = [ZERO, ZERO, ZERO]
    first = [runs.c.runs, runs.c.first_slot, *keys]
    last = [runs.c.runs, runs.c.last_slot, *keys]
    yield select(*first, NO_CURRENCY, *starts, *none).group_by(*first)
    yield select(*last, NO_CURRENCY, *none, *ends).group_by(*last)
    if shape.wants_costs:
        costs = totals(runs, "points", "costs_high", "costs_low")
        paid = [*last, runs.c.currency]
        yield (
            select(*paid, *none, *costs)
            .where(runs.c.currency.is_not(None))
            .group_by(*paid)
        )


def totals(runs: CTE, *names: str) -> Sequence[ColumnElement[int]]:
    """Sum columns."""
    return [total(runs.c[name]) for name in names]


def touches_window() -> ColumnElement[bool]:
    """Choose the runs that touch the window; the last condition has an index."""
    return and_(
        RUN_START < WINDOW_END,
        or_(END > WINDOW_START, RUN_START >= WINDOW_START),
        or_(RUN_END >= WINDOW_START, RUN_END.is_(None)),
    )


def conditions(shape: UsageShape) -> list[ColumnElement[bool]]:
    """Choose the jobs that count."""
    return [
        scope(jobs, in_project=shape.in_project),
        *(to_condition(p, jobs, order="run_end_ms") for p in shape.predicates),
    ]


def to_slot(instant: ColumnElement[int], shape: UsageShape) -> ColumnElement[int]:
    """Number the slots of time; what is before the first inner edge is slot 0."""
    if not shape.is_slotted:
        return literal(0, BigInteger)
    first, slot_ms = parameter("first_edge"), parameter("slot_ms")
    return case((instant < first, 0), else_=(instant - first) // slot_ms + 1)
