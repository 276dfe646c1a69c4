"""Jobs behind figures to how long they waited and took: percentiles and means.

The percentile p of n times is the smallest one that at least p percent of them do not
exceed (nearest rank): always the time of a job, and the same on both databases, one of
which has no function for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from gateway.query.run.reading import Reading
from gateway.query.usage.buckets import to_places
from gateway.query.usage.figures import Distribution, Figures
from gateway.query.usage.request import UsageRequest
from gateway.query.usage.sources import to_shape, to_values
from gateway.query.usage.statements import (
    CUT_END,
    CUT_START,
    UsageShape,
    conditions,
    last_of,
    parameter,
    split,
    touches_window,
)
from gateway.store.portable import encode_rows, table_of_rows
from gateway.store.tables import jobs
from gateway.store.usage.spans import HOUR_MS

# The columns of jobs that hold times, in ms.
TIMES = ("queue_ms", "elapsed_ms")
PERCENTS = (50, 95, 99)
HUNDRED = literal_column("100", BigInteger)
ONE = literal_column("1", BigInteger)
FIRST_EDGE = parameter("first_edge")
# Sums come in two parts, as a sum of times may have more than 64 bits.
SPLIT = HOUR_MS
# The part of the window that the totals have in rows.
ALL_PARTS = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTimes:
    """Which columns of jobs are asked for: of groups, and of the totals."""

    of_groups: tuple[str, ...] = ()
    of_totals: tuple[str, ...] = ()


async def add_times(
    reading: Reading,
    request: UsageRequest,
    edges: Sequence[int],
    figures: Figures,
    wanted: WantedTimes,
) -> None:
    """Add the times that are asked for to figures, in one statement."""
    if not figures.groups or not (wanted.of_groups or wanted.of_totals):
        return
    shape = to_shape(request, reading.tenant, edges, wants_costs=False)
    step, places = to_places(edges)
    values = {
        **to_values(request, reading.tenant, edges),
        "step": step,
        "places": encode_rows(places),
        "parts": encode_rows((part,) for part in range(1, len(edges))),
    }
    rows = await reading.fetch(values, select_times, shape, wanted)
    metrics = {(group.start_ms, group.key): group.metrics for group in figures.groups}
    for part, column, *key, jobs_count, high, low, p50, p95, p99 in rows:
        of = metrics.get((edges[part - 1], tuple(key))) if part else figures.totals
        if of is None:  # a job that was not there a moment before
            continue
        of.times[TIMES[column]] = Distribution(
            p50=p50, p95=p95, p99=p99, mean=to_mean(high * SPLIT + low, jobs_count)
        )


def to_mean(total_ms: int, count: int) -> int:
    """Give the mean in whole ms, halves rounded up."""
    return (2 * total_ms + count) // (2 * count)


def select_times(shape: UsageShape, wanted: WantedTimes) -> CompoundSelect[Any]:
    """Select percentiles of the times of jobs, in each part of the window and in all.

    Its rows have the part, the place of the column in `TIMES`, the values of the
    dimensions, the count of jobs that have a time, the sum in two parts, percentiles.
    """
    runs = place_runs(shape)
    keys = [f"key{at}" for at in range(len(shape.dimensions))]
    selects = [rank(runs, ALL_PARTS, name, keys) for name in wanted.of_totals]
    if wanted.of_groups:
        counted = spread_runs(runs, shape)
        selects += [rank(counted, None, name, keys) for name in wanted.of_groups]
    return union_all(*selects)


def place_runs(shape: UsageShape) -> CTE:
    """Select the jobs whose run touches the window, with its first and last part."""
    keys = (jobs.c[name].label(f"key{at}") for at, name in enumerate(shape.dimensions))
    source: FromClause = jobs
    parts: list[ColumnElement[int]] = []
    places = table_of_rows("places", ("slot", "edge", "part"))
    for name, instant in (("first", CUT_START), ("last", last_of(CUT_START, CUT_END))):
        part: ColumnElement[int] = ONE
        if shape.is_slotted:
            place = places.alias(f"{name}_place")
            slot = (instant - FIRST_EDGE) // parameter("step")
            source = source.outerjoin(place, place.c.slot == slot)
            later = case((instant < place.c.edge, place.c.part), else_=place.c.part + 1)
            part = case((instant < FIRST_EDGE, ONE), else_=later)
        parts.append(part.label(f"{name}_part"))
    times = (jobs.c[name] for name in TIMES)
    return (
        select(*keys, *parts, *times)
        .select_from(source)
        .where(*conditions(shape), touches_window())
        .cte("runs")
    )


def spread_runs(runs: CTE, shape: UsageShape) -> CTE:
    """Select the jobs once for each part that their run touches."""
    columns = [column for column in runs.c if not column.name.endswith("_part")]
    first = select(runs.c.first_part.label("part"), *columns)
    if not shape.is_slotted:
        return first.cte("counted")
    parts = table_of_rows("parts", ("part",))
    later = and_(parts.c.part > runs.c.first_part, parts.c.part <= runs.c.last_part)
    others = (
        select(parts.c.part, *columns)
        .select_from(runs.join(parts, later))
        .where(runs.c.last_part > runs.c.first_part)
    )
    return union_all(first, others).cte("counted")


def rank(source: CTE, part: int | None, name: str, keys: Sequence[str]) -> Select[Any]:
    """Select the percentiles of a column, and what its mean is made of.

    Args:
        source: Has the column, and those of the keys.
        part: What the rows get for the part, all together; None: each its own.
        name: The column.
        keys: The values of dimensions; null where all rows are taken together.
    """
    by = [] if part is not None else [source.c.part, *(source.c[key] for key in keys)]
    time = source.c[name]
    ranked = (
        select(
            *by,
            time.label("time"),
            func.row_number().over(partition_by=by, order_by=time).label("place"),
            func.count().over(partition_by=by).label("size"),
        )
        .where(time.is_not(None))
        .subquery()
    )
    own = [ranked.c[column.name] for column in by]
    if part is None:
        head, rest = own[0], own[1:]
    else:
        head = literal_column(str(part), BigInteger)
        rest = [cast(null(), source.c[key].type) for key in keys]
    column = literal_column(str(TIMES.index(name)), BigInteger)
    high, low = split(ranked.c.time, SPLIT, "time")
    percentiles = (pick(ranked, percent) for percent in PERCENTS)
    found = select(head, column, *rest, func.count(), high, low, *percentiles)
    return found.group_by(*own) if own else found.having(func.count() > 0)


def pick(ranked: FromClause, percent: int) -> ColumnElement[int]:
    """Choose the time at a percentile's place, rounded up."""
    place = (ranked.c.size * percent + literal_column("99", BigInteger)) // HUNDRED
    return func.max(case((ranked.c.place == place, ranked.c.time)))
