"""Usage shapes to SQL: counts and sums of run starts and ends, by slots of time."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.query.conditions import scope, to_condition
from gateway.query.filters import Predicate
from gateway.store.selects import Statement, to_statement
from gateway.store.tables import jobs

__all__ = ["SPLIT", "UsageShape", "to_costs", "to_ends", "to_starts"]

# Sums come in two parts, of quotients and of remainders: a window of a thousand years
# would overflow 64 bits otherwise.
SPLIT = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageShape:
    """A usage summary without its values.

    Attributes:
        dimensions: Columns of jobs to group by.
        is_slotted: Whether the window has more than one part.
    """

    dimensions: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    in_project: bool
    is_slotted: bool


def parameter(name: str) -> ColumnElement[int]:
    """Give a bind parameter, in ms."""
    return bindparam(name, type_=BigInteger)


WINDOW_START, WINDOW_END = parameter("window_start"), parameter("window_end")
RUN_START, RUN_END = jobs.c.run_start_ms, jobs.c.run_end_ms
IS_RUNNING = case((RUN_END.is_(None), 1), else_=0)


def larger(left: ColumnElement[int], right: ColumnElement[int]) -> ColumnElement[int]:
    """Give the larger of two; the databases have no function in common for it."""
    return case((left > right, left), else_=right)


# A run's end, which is now while it runs; and both cut to the window.
END = func.coalesce(RUN_END, larger(parameter("as_of"), RUN_START))
CUT_START = larger(RUN_START, WINDOW_START)
CUT_END = case((END < WINDOW_END, END), else_=WINDOW_END)
# A run that ends at an edge ends in the part before it; one of no length, where it is.
LAST = case((CUT_END > CUT_START, CUT_END - 1), else_=CUT_END)


@lru_cache(maxsize=200)
def to_starts(shape: UsageShape, engine: AsyncEngine) -> Statement:
    """Count and sum run starts: dimensions, slot, runs, count, quotient, remainder."""
    return to_statement(points(shape, CUT_START, CUT_START, engine), engine)


@lru_cache(maxsize=200)
def to_ends(shape: UsageShape, engine: AsyncEngine) -> Statement:
    """Count and sum run ends: dimensions, slot, runs, count, quotient, remainder."""
    return to_statement(points(shape, LAST, CUT_END, engine), engine)


@lru_cache(maxsize=200)
def to_costs(shape: UsageShape, engine: AsyncEngine) -> Statement:
    """Sum what jobs cost that ended in the window: dimensions, slot, currency, sum.

    A run ends in the part that has its last moment, so that no job costs anything where
    it is not counted.
    """
    keys = [*dimensions(shape), to_slot(LAST, shape), jobs.c.cost_currency]
    amount = type_coerce(jobs.c.cost_amount, BigInteger)
    summed = (
        select(*keys, func.sum(amount))
        .where(
            *conditions(shape, engine),
            touches_window(),
            RUN_END <= WINDOW_END,
            jobs.c.cost_amount.is_not(None),
        )
        .group_by(*keys)
    )
    return to_statement(summed, engine)


def points(
    shape: UsageShape,
    place: ColumnElement[int],
    instant: ColumnElement[int],
    engine: AsyncEngine,
) -> Select[Any]:
    """Count and sum instants of the runs that touch the window, by their place."""
    keys = [*dimensions(shape), to_slot(place, shape), IS_RUNNING.label("runs")]
    passed = instant - WINDOW_START
    return (
        select(
            *keys,
            func.count(),
            func.sum(passed // SPLIT),
            func.sum(passed % SPLIT),
        )
        .where(*conditions(shape, engine), touches_window())
        .group_by(*keys)
    )


def touches_window() -> ColumnElement[bool]:
    """Choose the runs that touch the window; the last condition has an index."""
    return and_(
        RUN_START < WINDOW_END,
        or_(END > WINDOW_START, RUN_START >= WINDOW_START),
        or_(RUN_END >= WINDOW_START, RUN_END.is_(None)),
    )


def conditions(shape: UsageShape, engine: AsyncEngine) -> list[ColumnElement[bool]]:
    """Choose the jobs that count."""
    return [
        scope(jobs, in_project=shape.in_project),
        *(to_condition(p, jobs, engine, order="run_end_ms") for p in shape.predicates),
    ]


def dimensions(shape: UsageShape) -> list[ColumnElement[Any]]:
    """Give the columns to group by."""
    return [jobs.c[name] for name in shape.dimensions]


def to_slot(instant: ColumnElement[int], shape: UsageShape) -> ColumnElement[int]:
    """Number the slots of time; what is before the first inner edge is slot 0."""
    if not shape.is_slotted:
        return literal(0, BigInteger).label("slot")
    first, slot_ms = parameter("first_edge"), parameter("slot_ms")
    return case((instant < first, 0), else_=(instant - first) // slot_ms + 1).label(
        "slot"
    )
