"""Ranges to SQL over kept figures, and over the few jobs beside them.

Runs that have ended are in the kept figures, whole hours and more of them; parts of
hours are read from the jobs by their indexes, as are the runs that have not ended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
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
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.query.usage.kept import NONE, Columns, Kept, pick_each
from gateway.query.usage.lists import table_of
from gateway.query.usage.request import MAX_ROWS
from gateway.query.usage.statements import (
    NANOS,
    NO_CURRENCY,
    RUN_END,
    RUN_START,
    ZERO,
    UsageShape,
    conditions,
    last_of,
    runs_of,
    select_points,
    split,
)
from gateway.store.selects import Statement, to_statement
from gateway.store.tables import jobs, or_latest
from gateway.store.usage.spans import HOUR_MS

COUNT = cast(func.count(), BigInteger)
MICROS = literal_column("1000", BigInteger)


@lru_cache(maxsize=200)
def to_kept_statement(
    shape: UsageShape, engine: AsyncEngine, *, has_moments: bool
) -> Statement:
    """Write what reads the points of runs from kept figures.

    Jobs in parts of hours are read only where there are such parts: PostgreSQL makes
    so much of them that it would plan the statement anew each time, for longer than it
    then runs.

    The place of a row is the class of a range where the runs have ended, and a slot
    where they have not. Values of dimensions are as in the keys of kept figures.
    Parameters: `account`, `project`, those of the predicates, `figures_project`,
    `figures_dimension`, `spans` and, if there are any, `moments` (rows of ranges),
    those of slots.
    """
    is_running = (RUN_END.is_(None), RUN_START.is_not(None))
    running = runs_of(shape, to_keys(jobs.c, shape), engine, *is_running)
    selects = [
        *Kept(shape, engine).select_all(),
        *(Moments(shape, engine).select_all() if has_moments else ()),
        *select_points(running, shape),
    ]
    limited = union_all(*selects).limit(literal_column(str(MAX_ROWS)))
    return to_statement(limited, engine)  # type: ignore[arg-type]  # a union compiles as a select does


def to_keys(columns: Columns, shape: UsageShape) -> Sequence[ColumnElement[str]]:
    """Write values of jobs as they are in the keys of kept figures."""
    return [
        case(
            (columns[name].is_(None), literal_column("''", Text)),
            else_=literal_column("'='", Text).concat(cast(columns[name], Text)),
        )
        for name in shape.dimensions
    ]


@dataclass(frozen=True, slots=True)
class Moments:
    """What is selected of the jobs in parts of hours."""

    shape: UsageShape
    engine: AsyncEngine

    def select_all(self) -> Iterator[Select[Any]]:
        """Select starts, ends and, if it is asked for, what runs cost."""
        moments = table_of("moments", ("class_id", "first", "after"), self.engine)
        source, found = self.pick(moments, starts_in(moments))
        by = [moments.c.class_id, *to_keys(found, self.shape)]
        starts = split(found.run_start_ms, HOUR_MS, "starts")
        yield (
            select(ZERO, *by, NO_CURRENCY, COUNT, *starts, *NONE)
            .select_from(source)
            .group_by(*by)
        )
        source, found = self.pick(moments, ends_in(moments))
        by = [moments.c.class_id, *to_keys(found, self.shape)]
        ends = split(found.run_end_ms, HOUR_MS, "ends")
        yield (
            select(ZERO, *by, NO_CURRENCY, *NONE, COUNT, *ends)
            .select_from(source)
            .group_by(*by)
        )
        if self.shape.wants_costs:
            by.append(found.cost_currency)
            costs = split(type_coerce(found.cost_amount, BigInteger), NANOS, "costs")
            yield (
                select(ZERO, *by, *NONE, COUNT, *costs)
                .select_from(source)
                .where(found.cost_amount.is_not(None))
                .group_by(*by)
            )

    def pick(
        self, moments: CTE, condition: ColumnElement[bool]
    ) -> tuple[FromClause, Columns]:
        """Join ranges with the jobs in them whose run has ended."""
        ended = [*conditions(self.shape, self.engine), RUN_END.is_not(None)]
        return pick_each(moments, jobs, and_(*ended, condition), self.engine)


def starts_in(moments: CTE) -> ColumnElement[bool]:
    """Choose the jobs whose run starts in a range, by the index of `startedAt`."""
    started_us = type_coerce(or_latest(jobs.c.started_at), BigInteger)
    return and_(
        started_us >= moments.c["first"] * MICROS,
        started_us < moments.c.after * MICROS,
    )


def ends_in(moments: CTE) -> ColumnElement[bool]:
    """Choose the jobs whose run has its last moment in a range, by its own index."""
    return and_(
        RUN_END.between(moments.c["first"], moments.c.after),
        last_of(RUN_START, RUN_END) >= moments.c["first"],
        last_of(RUN_START, RUN_END) < moments.c.after,
    )
