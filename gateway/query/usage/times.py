"""Percentiles and means of how long jobs waited and took.

Percentiles are by nearest rank: percentile p of n times is the smallest that at least p
percent of them do not exceed. It is always the time of a job, and the same on both
databases; SQLite has no function for it.
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
from gateway.query.usage.buckets import make_slots
from gateway.query.usage.figures import Distribution, UsageFigures
from gateway.query.usage.read_figures import plan_usage
from gateway.query.usage.request import UsageRequest
from gateway.query.usage.sql_jobs import (
    CUT_END,
    CUT_START,
    UsageShape,
    last_ms,
    parameter,
    split_sum,
    touches_window,
    usage_conditions,
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
# What the bucket is in rows of the totals.
ALL_BUCKETS = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTimes:
    """The columns of jobs that are asked for, in groups and in the totals."""

    of_groups: tuple[str, ...] = ()
    of_totals: tuple[str, ...] = ()


NO_TIMES = WantedTimes()


async def add_times(
    reading: Reading,
    request: UsageRequest,
    edges: Sequence[int],
    figures: UsageFigures,
    wanted: WantedTimes,
) -> None:
    """Read the times that are asked for, in one statement, and add them to figures."""
    if not figures.groups or not (wanted.of_groups or wanted.of_totals):
        return
    shape, values = plan_usage(request, reading.tenant, edges, wants_costs=False)
    step, slots = make_slots(edges)
    values |= {
        "step": step,
        "slots": encode_rows(slots),
        "buckets": encode_rows((bucket,) for bucket in range(1, len(edges))),
    }
    rows = await reading.fetch(values, select_times, shape, wanted)
    metrics = {(group.start_ms, group.key): group.metrics for group in figures.groups}
    for bucket, column, *key, jobs_count, high, low, p50, p95, p99 in rows:
        of = metrics.get((edges[bucket - 1], tuple(key))) if bucket else figures.totals
        if of is None:  # a group that appeared after the figures were read
            continue
        of.times[TIMES[column]] = Distribution(
            p50=p50, p95=p95, p99=p99, mean=mean_ms(high * HOUR_MS + low, jobs_count)
        )


def mean_ms(total_ms: int, count: int) -> int:
    """Compute the mean in whole ms, halves rounded up."""
    return (2 * total_ms + count) // (2 * count)


def select_times(shape: UsageShape, wanted: WantedTimes) -> CompoundSelect[Any]:
    """Select percentiles of the times of jobs, in each bucket and in all together.

    A row has the bucket, the index of the column in `TIMES`, the GROUP BY key, the
    count of jobs that have a time, the two parts of the sum, and the percentiles.
    """
    runs = select_placed_runs(shape)
    keys = [f"key{at}" for at in range(len(shape.dimensions))]
    selects = [
        select_percentiles(runs, ALL_BUCKETS, name, keys) for name in wanted.of_totals
    ]
    if wanted.of_groups:
        counted = select_runs_per_bucket(runs, shape)
        selects += [
            select_percentiles(counted, None, name, keys) for name in wanted.of_groups
        ]
    return union_all(*selects)


def select_placed_runs(shape: UsageShape) -> CTE:
    """Select the jobs whose run overlaps the window, with its first and last bucket."""
    keys = (jobs.c[name].label(f"key{at}") for at, name in enumerate(shape.dimensions))
    source: FromClause = jobs
    buckets: list[ColumnElement[int]] = []
    slots = table_of_rows("slots", ("slot", "edge", "bucket"))
    for name, instant in (("first", CUT_START), ("last", last_ms(CUT_START, CUT_END))):
        bucket: ColumnElement[int] = ONE
        if shape.is_slotted:
            slot = slots.alias(f"{name}_slot")
            number = (instant - FIRST_EDGE) // parameter("step")
            source = source.outerjoin(slot, slot.c.slot == number)
            first = slot.c.bucket
            later = case((instant < slot.c.edge, first), else_=first + 1)
            bucket = case((instant < FIRST_EDGE, ONE), else_=later)
        buckets.append(bucket.label(f"{name}_bucket"))
    times = (jobs.c[name] for name in TIMES)
    return (
        select(*keys, *buckets, *times)
        .select_from(source)
        .where(*usage_conditions(shape), touches_window())
        .cte("runs")
    )


def select_runs_per_bucket(runs: CTE, shape: UsageShape) -> CTE:
    """Select the jobs once for each bucket that their run overlaps."""
    columns = [column for column in runs.c if not column.name.endswith("_bucket")]
    first = select(runs.c.first_bucket.label("bucket"), *columns)
    if not shape.is_slotted:
        return first.cte("counted")
    buckets = table_of_rows("buckets", ("bucket",))
    bucket, last_bucket = buckets.c.bucket, runs.c.last_bucket
    later = and_(bucket > runs.c.first_bucket, bucket <= last_bucket)
    others = (
        select(bucket, *columns)
        .select_from(runs.join(buckets, later))
        .where(last_bucket > runs.c.first_bucket)
    )
    return union_all(first, others).cte("counted")


def select_percentiles(
    source: CTE, bucket: int | None, name: str, keys: Sequence[str]
) -> Select[Any]:
    """Select the percentiles of a column, and the count and sum for its mean.

    Args:
        source: The jobs, with the column and the keys.
        bucket: A constant for the bucket of all rows together; None: by bucket and key.
        name: The column.
        keys: The GROUP BY key; null where all rows are taken together.
    """
    by = [source.c[key] for key in ("bucket", *keys)] if bucket is None else []
    time = source.c[name]
    ranked = (
        select(
            *by,
            time.label("time"),
            func.row_number().over(partition_by=by, order_by=time).label("rank"),
            func.count().over(partition_by=by).label("size"),
        )
        .where(time.is_not(None))
        .subquery()
    )
    own = [ranked.c[column.name] for column in by]
    if bucket is None:
        head, rest = own[0], own[1:]
    else:
        head = literal_column(str(bucket), BigInteger)
        rest = [cast(null(), source.c[key].type) for key in keys]
    column = literal_column(str(TIMES.index(name)), BigInteger)
    high, low = split_sum(ranked.c.time, HOUR_MS, "time")
    percentiles = (percentile_of(ranked, percent) for percent in PERCENTS)
    found = select(head, column, *rest, func.count(), high, low, *percentiles)
    return found.group_by(*own) if own else found.having(func.count() > 0)


def percentile_of(ranked: FromClause, percent: int) -> ColumnElement[int]:
    """Write the time at the nearest rank of a percentile."""
    rank = (ranked.c.size * percent + literal_column("99", BigInteger)) // HUNDRED
    return func.max(case((ranked.c.rank == rank, ranked.c.time)))
