"""Rows of points to the figures of each group in each part of the window.

With `N_s(t), S_s(t)` the count and the sum of run starts before `t`, and `N_e, S_e`
those of run ends, the time used before `t` is `t*N_s - S_s - (t*N_e - S_e)`. So the
databases only count and sum points; the rest is exact integer arithmetic here.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.query.usage.ranges import Effect
from gateway.query.usage.statements import NANOS
from gateway.store.engine import Row
from gateway.store.usage.spans import HOUR_MS

Key = tuple[object, ...]
# Run starts and ends of one group in one part: how many starts and the sum of their ms,
# how many ends and the sum of theirs. A list: rows are many, and each adds to one.
Points = Sequence[int]
ByPart = dict[int, list[int]]
NO_POINTS = (0, 0, 0, 0)


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


class Group(NamedTuple):
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
class Found:
    """What was read of one group.

    Attributes:
        runs: By whether jobs still run, and by part.
        costs: By part and currency: how many jobs cost something, and billionths.
    """

    runs: tuple[ByPart, ByPart] = field(default_factory=lambda: ({}, {}))
    costs: dict[tuple[int, str], list[int]] = field(default_factory=dict)


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
        groups: list[Group] = []
        totals = Metrics()
        for raw, found in self.collect(rows).items():
            metrics: dict[int, Metrics] = {}
            for is_running, by_part in enumerate(found.runs):
                if by_part:
                    totals.job_count += self.walk(by_part, metrics, is_running)
            for (part, currency), (jobs, nanos) in found.costs.items():
                if jobs and part:
                    metrics[part].costs[currency] = nanos
            key = self.read_key(raw)
            for part, made in metrics.items():
                totals.add(made)
                groups.append(Group(key, self.edges[part - 1], self.edges[part], made))
        return Figures(groups=groups, totals=totals)

    def collect(self, rows: Sequence[Row]) -> Mapping[Sequence[object], Found]:
        """Add points and costs up by key."""
        groups: defaultdict[Sequence[object], Found] = defaultdict(Found)
        for row in rows:
            currency, starts, s_high, s_low, ends, high, low = row[-7:]
            found = groups[tuple(row[2:-7])]
            for part, sign in self.places_of(row[1], row[0]):
                if currency is not None:
                    paid = found.costs.setdefault((part, currency), [0, 0])
                    paid[0] += sign * ends
                    paid[1] += sign * (high * NANOS + low)
                    continue
                points = found.runs[row[0]].setdefault(part, [0, 0, 0, 0])
                points[0] += sign * starts
                points[1] += sign * (s_high * HOUR_MS + s_low)
                points[2] += sign * ends
                points[3] += sign * (high * HOUR_MS + low)
        return groups

    def places_of(self, place: int, is_running: int) -> Sequence[tuple[int, int]]:
        """Give the parts that a row counts in, with the sign it does so with."""
        if is_running or self.effects is None:
            return ((self.of_slot(place), 1),)
        sign, part, other = self.effects[place]
        return ((part, sign),) if other is None else ((part, sign), (other, -sign))

    def of_slot(self, slot: int) -> int:
        """Give the part that a slot lies in."""
        if slot == 0:
            return 1
        start = self.edges[1] + (slot - 1) * self.slot_ms
        return min(bisect_right(self.edges, start), len(self.edges) - 1)

    def walk(self, points: ByPart, metrics: dict[int, Metrics], is_running: int) -> int:
        """Go through the parts in order, with the runs that are open.

        Args:
            points: Of one group.
            metrics: Takes figures, of the parts that a run touches.
            is_running: Whether the jobs still run.

        Returns:
            How many jobs touch the window.
        """
        started, _, ended, _ = points.get(0, NO_POINTS)
        opened = jobs = started - ended
        at = 1
        for part in (*sorted(part for part in points if part), len(self.edges)):
            for between in range(at, part) if opened else ():
                length_ms = opened * (self.edges[between] - self.edges[between - 1])
                count(metrics, between, opened, length_ms, is_running)
            if part == len(self.edges):
                break
            started, _, ended, _ = here = points[part]
            if opened + started:
                length_ms = self.lengthen(opened, here, part)
                count(metrics, part, opened + started, length_ms, is_running)
            jobs += started
            opened += started - ended
            at = part + 1
        return jobs

    def lengthen(self, opened: int, here: Points, part: int) -> int:
        """Give the time used inside a part, of runs that were open and that begin."""
        start, end = self.edges[part - 1], self.edges[part]
        started, started_ms, ended, ended_ms = here
        return (
            opened * (end - start)
            + (started * end - started_ms)
            - (ended * end - ended_ms)
        )


def count(
    metrics: dict[int, Metrics], part: int, jobs: int, length_ms: int, is_running: int
) -> None:
    """Add jobs to the figures of a part."""
    found = metrics.get(part)
    if found is None:
        found = metrics[part] = Metrics()
    found.job_count += jobs
    found.length_ms += length_ms
    if is_running:
        found.running_ms += length_ms
