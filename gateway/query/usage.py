"""Usage: how long runs lay inside a window, split by dimensions and parts of it.

With `N_s(t), S_s(t)` the count and the sum of run starts before `t`, and `N_e, S_e`
those of run ends, the time used before `t` is `t*N_s - S_s - (t*N_e - S_e)`. So the
database only counts and sums points, by slots of time; the rest is exact integer
arithmetic here.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.errors import InputError
from gateway.query.buckets import Bucket, Window, to_edges, to_ms, to_slot_ms
from gateway.query.filters import Filter, Operator, Predicate, any_of, join
from gateway.query.reading import Reading
from gateway.query.usage_statements import (
    SPLIT,
    UsageShape,
    to_costs,
    to_ends,
    to_starts,
)
from gateway.store.engine import Row

__all__ = ["Group", "Metrics", "Usage", "UsageRequest", "read_usage", "to_jobs_filter"]

MAX_DIMENSIONS = 3
MAX_GROUPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRequest:
    """What is asked.

    Attributes:
        dimensions: Columns of jobs to split by.
        as_of: The instant up to which running jobs count.
        restriction: Which jobs count.
    """

    window: Window
    dimensions: tuple[str, ...]
    bucket: Bucket | None
    time_zone: str
    as_of: datetime
    restriction: Filter


@dataclass(slots=True, kw_only=True)
class Metrics:
    """Figures of a group; `costs` is in billionths, by currency."""

    length_ms: int = 0
    running_ms: int = 0
    job_count: int = 0
    costs: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group in a part of the window, with the values of its dimensions."""

    key: tuple[object, ...]
    start_ms: int
    end_ms: int
    metrics: Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The answer: groups by time, then the longest first."""

    request: UsageRequest
    groups: Sequence[Group]
    totals: Metrics


async def read_usage(
    reading: Reading, request: UsageRequest, *, wants_costs: bool
) -> Usage:
    """Compute the usage that is asked for.

    Raises:
        InputError: The window is turned round, or the answer would be too large.
    """
    check(request)
    edges = to_edges(request.window, request.bucket, request.time_zone)
    if edges[0] == edges[-1]:  # nothing is inside, not even what runs on through it
        return Usage(request=request, groups=(), totals=Metrics())
    slot_ms = to_slot_ms(edges)
    shape = UsageShape(
        dimensions=request.dimensions,
        predicates=request.restriction.predicates,
        in_project=reading.tenant.project_id is not None,
        is_slotted=len(edges) > 2,  # noqa: PLR2004 -- the start and the end
    )
    values = {
        **reading.tenant.values,
        **request.restriction.values,
        "window_start": edges[0],
        "window_end": edges[-1],
        "as_of": to_ms(request.as_of),
        "first_edge": edges[1],
        "slot_ms": slot_ms,
    }
    engine = reading.database.reader
    parts = Parts(edges, slot_ms, len(request.dimensions))
    starts = await reading.fetch(to_starts(shape, engine), values)
    ends = await reading.fetch(to_ends(shape, engine), values)
    costs = await reading.fetch(to_costs(shape, engine), values) if wants_costs else ()
    found = parts.measure(starts, ends, costs)
    check_size(found)
    return Usage(
        request=request, groups=in_order(found), totals=to_totals(found, starts)
    )


def check(request: UsageRequest) -> None:
    """Refuse what has no answer."""
    window, dimensions = request.window, request.dimensions
    if window.start > window.end:
        raise InputError("startDate is after endDate; give the earlier one first")
    if len(set(dimensions)) < len(dimensions):
        raise InputError("groupBy names a dimension twice; name each once")
    if len(dimensions) > MAX_DIMENSIONS:
        raise InputError(
            f"groupBy has {len(dimensions)} dimensions; give at most {MAX_DIMENSIONS}"
        )


def check_size(groups: Sequence[Group]) -> None:
    """Refuse an answer that nobody reads."""
    if len(groups) > MAX_GROUPS:
        raise InputError(
            f"the summary has {len(groups)} groups; at most {MAX_GROUPS} are allowed:"
            " take fewer dimensions, longer buckets or a shorter window"
        )


def in_order(groups: Iterable[Group]) -> Sequence[Group]:
    """Put groups in order: by time, the longest first, then by their dimensions."""
    return sorted(
        groups,
        key=lambda group: (
            group.start_ms,
            -group.metrics.length_ms,
            [(value is None, value) for value in group.key],
        ),
    )


def to_totals(groups: Sequence[Group], starts: Sequence[Row]) -> Metrics:
    """Add groups up; a job that is in several parts of the window counts once."""
    totals = Metrics(job_count=sum(row[-3] for row in starts))
    for group in groups:
        totals.length_ms += group.metrics.length_ms
        totals.running_ms += group.metrics.running_ms
        for currency, nanos in group.metrics.costs.items():
            totals.costs[currency] = totals.costs.get(currency, 0) + nanos
    return totals


def to_jobs_filter(request: UsageRequest, group: Group) -> Filter:
    """Restrict jobs to those behind a group's figures."""
    parts = [
        request.restriction,
        to_run_filter(group.start_ms, group.end_ms, to_ms(request.as_of)),
    ]
    for column, value in zip(request.dimensions, group.key, strict=True):
        if value is None:
            parts.append(is_null(column))
        else:
            parts.append(any_of(column, [value], f"group_{column}"))
    return join(parts)


def is_null(column: str) -> Filter:
    """Restrict rows to those without a value."""
    predicate = Predicate(column=column, operator=Operator.IS_NULL)
    return Filter(predicates=(predicate,), values={})


def to_run_filter(start_ms: int, end_ms: int, now_ms: int) -> Filter:
    """Restrict jobs to those whose run touches a window.

    How long ago the window began does not matter to jobs that still run, so that the
    clock stays out of the values that a cursor is bound to.
    """
    predicate = Predicate(
        column="run_start_ms", operator=Operator.RUNS_IN, parameter="run"
    )
    values = {
        "run_start": start_ms,
        "run_end": end_ms,
        "run_now": min(now_ms, start_ms + 1),
    }
    return Filter(predicates=(predicate,), values=values)


@dataclass(slots=True)
class Points:
    """Run starts and ends of one group in one part: counts, and sums of ms.

    The sums are of instants, counted from the start of the window.
    """

    starts: int = 0
    starts_ms: int = 0
    ends: int = 0
    ends_ms: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a window, and how rows fall into them."""

    edges: Sequence[int]
    slot_ms: int
    width: int

    def of_slot(self, slot: int) -> int:
        """Give the part that a slot lies in."""
        if slot == 0:
            return 0
        start = self.edges[1] + (slot - 1) * self.slot_ms
        return min(bisect_right(self.edges, start) - 1, len(self.edges) - 2)

    def measure(
        self, starts: Sequence[Row], ends: Sequence[Row], costs: Sequence[Row]
    ) -> Sequence[Group]:
        """Turn points into the figures of each group in each part."""
        points = self.collect(starts, ends)
        paid = self.collect_costs(costs)
        groups: list[Group] = []
        for key in dict.fromkeys((*points, *paid)):
            metrics = self.walk(points.get(key, {}))
            for (part, currency), nanos in paid.get(key, {}).items():
                metrics.setdefault(part, Metrics()).costs[currency] = nanos
            groups.extend(
                Group(
                    key=key,
                    start_ms=self.edges[part],
                    end_ms=self.edges[part + 1],
                    metrics=found,
                )
                for part, found in metrics.items()
            )
        return groups

    def collect(
        self, starts: Sequence[Row], ends: Sequence[Row]
    ) -> Mapping[tuple[object, ...], Mapping[tuple[int, bool], Points]]:
        """Add points up by key, part and whether the job still runs."""
        found: dict[tuple[object, ...], dict[tuple[int, bool], Points]] = defaultdict(
            lambda: defaultdict(Points)
        )
        for row in starts:
            points = found[tuple(row[: self.width])][self.place(row)]
            points.starts += row[-3]
            points.starts_ms += int(row[-2]) * SPLIT + int(row[-1])
        for row in ends:
            points = found[tuple(row[: self.width])][self.place(row)]
            points.ends += row[-3]
            points.ends_ms += int(row[-2]) * SPLIT + int(row[-1])
        return found

    def place(self, row: Row) -> tuple[int, bool]:
        """Give the part a row of points is of, and whether its jobs still run."""
        return self.of_slot(int(row[self.width])), bool(row[self.width + 1])

    def collect_costs(
        self, rows: Sequence[Row]
    ) -> Mapping[tuple[object, ...], Mapping[tuple[int, str], int]]:
        """Add costs up by key, part and currency."""
        found: dict[tuple[object, ...], dict[tuple[int, str], int]] = defaultdict(
            lambda: defaultdict(int)
        )
        for row in rows:
            part = self.of_slot(int(row[self.width]))
            found[tuple(row[: self.width])][part, row[-2]] += int(row[-1])
        return found

    def walk(self, points: Mapping[tuple[int, bool], Points]) -> dict[int, Metrics]:
        """Go through the parts in order, with all that came before.

        Only parts that a run touches get figures.
        """
        found: dict[int, Metrics] = {}
        for is_running in (False, True):
            before = Points()
            for part in range(len(self.edges) - 1):
                here = points.get((part, is_running), Points())
                touching = before.starts - before.ends + here.starts
                length_ms = self.lengthen(before, here, part)
                if touching:
                    metrics = found.setdefault(part, Metrics())
                    metrics.job_count += touching
                    metrics.length_ms += length_ms
                    metrics.running_ms += length_ms if is_running else 0
                before = Points(
                    before.starts + here.starts,
                    before.starts_ms + here.starts_ms,
                    before.ends + here.ends,
                    before.ends_ms + here.ends_ms,
                )
        return found

    def lengthen(self, before: Points, here: Points, part: int) -> int:
        """Give the time used inside a part."""
        start = self.edges[part] - self.edges[0]
        end = self.edges[part + 1] - self.edges[0]
        open_before = before.starts - before.ends
        begun = here.starts * end - here.starts_ms
        ended = here.ends * end - here.ends_ms
        return open_before * (end - start) + begun - ended
