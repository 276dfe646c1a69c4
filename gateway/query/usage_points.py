"""Ranges of spans to SQL over kept figures, and over the few jobs beside them.

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
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.query.usage_lists import table_of
from gateway.query.usage_ranges import BEFORE_CLASSES
from gateway.query.usage_request import MAX_ROWS
from gateway.query.usage_statements import (
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
    total,
)
from gateway.store.engine import is_sqlite
from gateway.store.keyed import OrderedJoin
from gateway.store.selects import Statement, to_statement
from gateway.store.tables import jobs, or_latest, usage_costs, usage_points
from gateway.store.usage_spans import HOUR_MS

__all__ = ["to_kept_statement"]

Columns = Any  # of a table, or of what is picked of it
NONE = [ZERO, ZERO, ZERO]
COUNT = cast(func.count(), BigInteger)
MICROS = literal_column("1000", BigInteger)


@lru_cache(maxsize=200)
def to_kept_statement(shape: UsageShape, engine: AsyncEngine) -> Statement:
    """Write what reads the points of runs from kept figures.

    The place of a row is the class of a range where the runs have ended, and a slot
    where they have not. Values of dimensions are as in the keys of kept figures.
    Parameters: `account`, `project`, those of the predicates, `figures_project`,
    `figures_dimension`, `spans` and `moments` (rows of ranges), those of slots.
    """
    is_running = (RUN_END.is_(None), RUN_START.is_not(None))
    running = runs_of(shape, to_keys(jobs.c, shape), engine, *is_running)
    selects = [
        *Kept(shape, engine).select_all(),
        *Moments(shape, engine).select_all(),
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


def pick_each(
    ranges: CTE, table: Table, condition: ColumnElement[bool], engine: AsyncEngine
) -> tuple[FromClause, Columns]:
    """Join ranges with what each has of a table, by the index of the condition.

    PostgreSQL would rather read all that may be of any range, not knowing how short
    these are; with an OFFSET it must look each one up.
    """
    if is_sqlite(engine):
        return OrderedJoin(ranges, table, condition), table.c
    picked = select(table).where(condition).offset(literal_column("0")).lateral()
    return ranges.join(picked, true()), picked.c


@dataclass(frozen=True, slots=True)
class Kept:
    """What is selected of kept figures."""

    shape: UsageShape
    engine: AsyncEngine

    def select_all(self) -> Iterator[Select[Any]]:
        """Select the points of spans and, if it is asked for, what runs cost."""
        names = ("class_id", "span_hours", "first", "after")
        spans = table_of("spans", names, self.engine)
        yield self.select_points(spans)
        if self.shape.wants_costs:
            yield self.select_costs(spans)

    def select_points(self, spans: CTE) -> Select[Any]:
        """Select points; not those that change nothing in the window."""
        source, kept = self.pick(spans, usage_points)
        starts, ends = total(kept.starts), total(kept.ends)
        since = kept.span * kept.span_hours
        by = [spans.c.class_id, *self.values_of(kept)]
        return (
            select(
                ZERO,
                *by,
                NO_CURRENCY,
                starts,
                total(kept.starts * since),
                total(kept.starts_ms),
                ends,
                total(kept.ends * since),
                total(kept.ends_ms),
            )
            .select_from(source)
            .group_by(*by)
            .having(or_(spans.c.class_id >= BEFORE_CLASSES, starts != ends))
        )

    def select_costs(self, spans: CTE) -> Select[Any]:
        """Select what runs cost that ended in spans."""
        source, kept = self.pick(spans, usage_costs)
        by = [spans.c.class_id, *self.values_of(kept), kept.currency]
        return (
            select(ZERO, *by, *NONE, *map(total, (kept.jobs, kept.units, kept.nanos)))
            .select_from(source)
            .where(spans.c.class_id >= BEFORE_CLASSES)
            .group_by(*by)
        )

    def pick(self, spans: CTE, figures: Table) -> tuple[FromClause, Columns]:
        """Join spans with their figures."""
        same = and_(
            figures.c.account == bindparam("account"),
            figures.c.project == bindparam("figures_project", type_=Text),
            figures.c.dimension == bindparam("figures_dimension", type_=Text),
            figures.c.span_hours == spans.c.span_hours,
            figures.c.span >= spans.c["first"],
            figures.c.span < spans.c.after,
        )
        return pick_each(spans, figures, same, self.engine)

    def values_of(self, kept: Columns) -> Sequence[ColumnElement[str]]:
        """Give the column of the dimension's values, where there is one."""
        return [kept.value] if self.shape.dimensions else []


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
