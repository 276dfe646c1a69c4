"""Counts and sums of run starts and ends to the figures of each group and bucket.

With `N_s(t), S_s(t)` the count and the sum of run starts before `t`, and `N_e, S_e`
those of run ends, the time used before `t` is `t*N_s - S_s - (t*N_e - S_e)`. So the
database only counts and sums; the rest is exact integer arithmetic here.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.query.usage.ranges import Effect
from gateway.query.usage.sql_jobs import NANOS
from gateway.store.engine import Row
from gateway.store.usage.spans import HOUR_MS

Key = tuple[object, ...]
# Run starts and ends of one group in one bucket: the number of starts and the sum of
# their ms, the number of ends and the sum of theirs. A list, since rows add to it.
Points = Sequence[int]
ByBucket = dict[int, list[int]]
NO_POINTS = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Percentiles and mean of a time over jobs, in ms; see `times`."""

    p50: int
    p95: int
    p99: int
    mean: int


@dataclass(slots=True, kw_only=True)
class Metrics:
    """The figures of a group.

    Attributes:
        costs: In billionths, by currency.
        times: By column of jobs, where they were asked for.
    """

    length_ms: int = 0
    running_ms: int = 0
    job_count: int = 0
    costs: dict[str, int] = field(default_factory=dict)
    times: dict[str, Distribution] = field(default_factory=dict)

    def add(self, other: "Metrics") -> None:
        """Add the time and cost of other figures, but not the jobs: they may repeat."""
        self.length_ms += other.length_ms
        self.running_ms += other.running_ms
        for currency, nanos in other.costs.items():
            self.costs[currency] = self.costs.get(currency, 0) + nanos


class Group(NamedTuple):
    """A group in one bucket, with its GROUP BY key."""

    key: Key
    start_ms: int
    end_ms: int
    metrics: Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFigures:
    """The groups that have jobs, unordered; a job counts once in the totals."""

    groups: Sequence[Group]
    totals: Metrics


@dataclass(slots=True)
class GroupPoints:
    """What was read of one group.

    Attributes:
        runs: Points by bucket, of the runs that have ended and of those that have not.
        costs: By bucket and currency: the number of jobs with a cost, and billionths.
    """

    runs: tuple[ByBucket, ByBucket] = field(default_factory=lambda: ({}, {}))
    costs: dict[tuple[int, str], list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets of a window, from 1; bucket 0 is all time before it.

    Attributes:
        effects: How the points of ended runs count, by their class; None: their place
            is a slot, as that of running ones always is.
        read_key: Converts a GROUP BY key from the one in rows.
    """

    edges: Sequence[int]
    slot_ms: int
    effects: Sequence[Effect] | None
    read_key: Callable[[Sequence[object]], Key]

    def measure(self, rows: Sequence[Row]) -> UsageFigures:
        """Convert rows to the figures of each group in each bucket."""
        groups: list[Group] = []
        totals = Metrics()
        for raw, found in self.collect(rows).items():
            metrics: dict[int, Metrics] = {}
            for is_running, by_bucket in enumerate(found.runs):
                if by_bucket:
                    totals.job_count += self.add_runs(by_bucket, metrics, is_running)
            for (bucket, currency), (jobs, nanos) in found.costs.items():
                if jobs and bucket:
                    metrics[bucket].costs[currency] = nanos
            key = self.read_key(raw)
            for bucket, made in metrics.items():
                totals.add(made)
                groups.append(
                    Group(key, self.edges[bucket - 1], self.edges[bucket], made)
                )
        return UsageFigures(groups=groups, totals=totals)

    def collect(self, rows: Sequence[Row]) -> Mapping[Sequence[object], GroupPoints]:
        """Add points and costs up by key."""
        groups: defaultdict[Sequence[object], GroupPoints] = defaultdict(GroupPoints)
        for row in rows:
            currency, starts, s_high, s_low, ends, high, low = row[-7:]
            found = groups[tuple(row[2:-7])]
            for bucket, sign in self.buckets_of(row[1], row[0]):
                if currency is not None:
                    paid = found.costs.setdefault((bucket, currency), [0, 0])
                    paid[0] += sign * ends
                    paid[1] += sign * (high * NANOS + low)
                    continue
                points = found.runs[row[0]].setdefault(bucket, [0, 0, 0, 0])
                points[0] += sign * starts
                points[1] += sign * (s_high * HOUR_MS + s_low)
                points[2] += sign * ends
                points[3] += sign * (high * HOUR_MS + low)
        return groups

    def buckets_of(self, place: int, is_running: int) -> Sequence[tuple[int, int]]:
        """Give the buckets that a row counts in, each with its sign."""
        if is_running or self.effects is None:
            return ((self.bucket_of_slot(place), 1),)
        sign, bucket, other = self.effects[place]
        return ((bucket, sign),) if other is None else ((bucket, sign), (other, -sign))

    def bucket_of_slot(self, slot: int) -> int:
        """Find the bucket that a slot lies in."""
        if slot == 0:
            return 1
        start = self.edges[1] + (slot - 1) * self.slot_ms
        return min(bisect_right(self.edges, start), len(self.edges) - 1)

    def add_runs(
        self, points: ByBucket, metrics: dict[int, Metrics], is_running: int
    ) -> int:
        """Add the runs of one group to the figures of the buckets they overlap.

        Args:
            points: Their starts and ends by bucket.
            metrics: Takes the figures, by bucket.
            is_running: Whether the jobs still run.

        Returns:
            The number of jobs whose run overlaps the window.
        """
        started, _, ended, _ = points.get(0, NO_POINTS)
        opened = jobs = started - ended
        at = 1
        for bucket in (*sorted(bucket for bucket in points if bucket), len(self.edges)):
            for between in range(at, bucket) if opened else ():
                length_ms = opened * (self.edges[between] - self.edges[between - 1])
                add_jobs(metrics, between, opened, length_ms, is_running)
            if bucket == len(self.edges):
                break
            started, _, ended, _ = here = points[bucket]
            if opened + started:
                length_ms = self.length_in(opened, here, bucket)
                add_jobs(metrics, bucket, opened + started, length_ms, is_running)
            jobs += started
            opened += started - ended
            at = bucket + 1
        return jobs

    def length_in(self, opened: int, here: Points, bucket: int) -> int:
        """Sum the time used inside a bucket, by runs open at its start and new ones."""
        start, end = self.edges[bucket - 1], self.edges[bucket]
        started, started_ms, ended, ended_ms = here
        return (
            opened * (end - start)
            + (started * end - started_ms)
            - (ended * end - ended_ms)
        )


def add_jobs(
    metrics: dict[int, Metrics], bucket: int, jobs: int, length_ms: int, is_running: int
) -> None:
    """Add jobs to the figures of a bucket."""
    found = metrics.get(bucket)
    if found is None:
        found = metrics[bucket] = Metrics()
    found.job_count += jobs
    found.length_ms += length_ms
    if is_running:
        found.running_ms += length_ms
