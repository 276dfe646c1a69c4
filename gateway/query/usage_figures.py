"""Rows of points to the figures of each group in each part of the window.

With `N_s(t), S_s(t)` the count and the sum of run starts before `t`, and `N_e, S_e`
those of run ends, the time used before `t` is `t*N_s - S_s - (t*N_e - S_e)`. So the
databases only count and sum points; the rest is exact integer arithmetic here.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.query.usage_ranges import Effect
from gateway.query.usage_statements import NANOS
from gateway.store.engine import Row
from gateway.store.usage_spans import HOUR_MS

__all__ = ["Distribution", "Figures", "Group", "Key", "Metrics", "Parts"]

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How long something took, over jobs, in ms; percentiles are times of jobs."""

    p50: int
    p95: int
    p99: int
    mean: int


@dataclass(slots=True, kw_only=True)
class Metrics:
    """Figures of a group.

    Attributes:
        costs: In billionths, by currency.
        times: By column of jobs, of those that were asked for.
    """

    length_ms: int = 0
    running_ms: int = 0
    job_count: int = 0
    costs: dict[str, int] = field(default_factory=dict)
    times: dict[str, Distribution] = field(default_factory=dict)

    def add(self, other: "Metrics") -> None:
        """Add what others used and cost; jobs may be the same ones."""
        self.length_ms += other.length_ms
        self.running_ms += other.running_ms
        for currency, nanos in other.costs.items():
            self.costs[currency] = self.costs.get(currency, 0) + nanos


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group in a part of the window, with the values of its dimensions."""

    key: Key
    start_ms: int
    end_ms: int
    metrics: Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Groups that a run touches, in no order; a job counts once in the totals."""

    groups: Sequence[Group]
    totals: Metrics


@dataclass(slots=True)
class Points:
    """Run starts and ends of one group in one part: counts, and sums of ms."""

    starts: int = 0
    starts_ms: int = 0
    ends: int = 0
    ends_ms: int = 0


@dataclass(slots=True)
class Paid:
    """What the jobs of one group cost in one part: how many, and billionths."""

    jobs: int = 0
    nanos: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a window, from 1; part 0 is what lies before it.

    Attributes:
        effects: What the points of runs that have ended do, by their place; None: they
            lie in slots, as those of runs that have not.
        read_key: What makes the values of dimensions of those in rows.
    """

    edges: Sequence[int]
    slot_ms: int
    effects: Sequence[Effect] | None
    read_key: Callable[[Sequence[object]], Key]

    def measure(self, rows: Sequence[Row]) -> Figures:
        """Turn rows into the figures of each group in each part."""
        points, costs = self.collect(rows)
        groups: list[Group] = []
        totals = Metrics()
        for raw, found in points.items():
            metrics: dict[int, Metrics] = {}
            for is_running, by_part in found.items():
                totals.job_count += self.walk(by_part, metrics, is_running=is_running)
            for (part, currency), paid in costs.get(raw, {}).items():
                if paid.jobs and part:
                    metrics[part].costs[currency] = paid.nanos
            key = self.read_key(raw)
            for part, made in metrics.items():
                totals.add(made)
                groups.append(self.to_group(key, part, made))
        return Figures(groups=groups, totals=totals)

    def to_group(self, key: Key, part: int, metrics: Metrics) -> Group:
        """Make a group."""
        start_ms, end_ms = self.edges[part - 1], self.edges[part]
        return Group(key=key, start_ms=start_ms, end_ms=end_ms, metrics=metrics)

    def collect(
        self, rows: Sequence[Row]
    ) -> tuple[
        Mapping[Sequence[object], Mapping[bool, Mapping[int, Points]]],
        Mapping[Sequence[object], Mapping[tuple[int, str], Paid]],
    ]:
        """Add points up by key, by whether jobs still run, and by part; and costs."""
        points: dict[Sequence[object], dict[bool, dict[int, Points]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(Points))
        )
        costs: dict[Sequence[object], dict[tuple[int, str], Paid]] = defaultdict(
            lambda: defaultdict(Paid)
        )
        for runs, place, *key, currency, starts, s_high, s_low, ends, high, low in rows:
            raw = tuple(key)
            for part, sign in self.places_of(place, is_running=bool(runs)):
                if currency is not None:
                    paid = costs[raw][part, currency]
                    paid.jobs += sign * ends
                    paid.nanos += sign * (high * NANOS + low)
                    continue
                found = points[raw][bool(runs)][part]
                found.starts += sign * starts
                found.starts_ms += sign * (s_high * HOUR_MS + s_low)
                found.ends += sign * ends
                found.ends_ms += sign * (high * HOUR_MS + low)
        return points, costs

    def places_of(self, place: int, *, is_running: bool) -> Iterator[tuple[int, int]]:
        """Give the parts that a row counts in, with the sign it does so with."""
        if is_running or self.effects is None:
            yield self.of_slot(place), 1
            return
        effect = self.effects[place]
        yield effect.part, effect.sign
        if effect.other is not None:
            yield effect.other, -effect.sign

    def of_slot(self, slot: int) -> int:
        """Give the part that a slot lies in."""
        if slot == 0:
            return 1
        start = self.edges[1] + (slot - 1) * self.slot_ms
        return min(bisect_right(self.edges, start), len(self.edges) - 1)

    def walk(
        self,
        points: Mapping[int, Points],
        metrics: dict[int, Metrics],
        *,
        is_running: bool,
    ) -> int:
        """Go through the parts in order, with the runs that are open.

        Args:
            points: By part, of one group.
            metrics: Takes figures, of the parts that a run touches.
            is_running: Whether the jobs still run.

        Returns:
            How many jobs touch the window.
        """
        before = points.get(0, Points())
        opened = before.starts - before.ends
        jobs = opened
        at = 1
        for part in (*sorted(part for part in points if part), len(self.edges)):
            for between in range(at, part) if opened else ():
                length_ms = opened * (self.edges[between] - self.edges[between - 1])
                count(metrics, between, opened, length_ms, is_running=is_running)
            if part == len(self.edges):
                break
            here = points[part]
            if opened + here.starts:
                length_ms = self.lengthen(opened, here, part)
                touching = opened + here.starts
                count(metrics, part, touching, length_ms, is_running=is_running)
            jobs += here.starts
            opened += here.starts - here.ends
            at = part + 1
        return jobs

    def lengthen(self, opened: int, here: Points, part: int) -> int:
        """Give the time used inside a part, of runs that were open and that begin."""
        start, end = self.edges[part - 1], self.edges[part]
        begun = here.starts * end - here.starts_ms
        ended = here.ends * end - here.ends_ms
        return opened * (end - start) + begun - ended


def count(
    metrics: dict[int, Metrics],
    part: int,
    jobs: int,
    length_ms: int,
    *,
    is_running: bool,
) -> None:
    """Add jobs to the figures of a part."""
    found = metrics.setdefault(part, Metrics())
    found.job_count += jobs
    found.length_ms += length_ms
    found.running_ms += length_ms if is_running else 0
