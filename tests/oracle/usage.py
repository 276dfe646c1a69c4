"""Jobs to a usage summary: run by run, part by part, as the words of DESIGN say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

from gateway.errors import ErrorCode
from tests.oracle.pages import RefusedError
from tests.oracle.records import StoredJob

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TERMINATED = {"COMPLETED", "FAILED", "CANCELED", "TIMEDOUT"}


def to_ms(instant: datetime) -> int:
    """Cut an instant to whole milliseconds."""
    return (instant - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Give the instant that so many milliseconds since 1970 are."""
    return EPOCH + milliseconds * MILLISECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `start` up to and without `end`, in ms since 1970."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The time a job ran, in ms since 1970; it may have no length."""

    stored: StoredJob
    start: int
    end: int
    is_running: bool

    def inside(self, span: Span) -> int:
        """Give the time spent inside a span."""
        return max(0, min(self.end, span.end) - max(self.start, span.start))

    def touches(self, span: Span) -> bool:
        """Tell whether the run is inside a span for a while, or for a moment."""
        is_moment = self.start == self.end and span.start <= self.start < span.end
        return is_moment or self.inside(span) > 0

    def ended_in(self, span: Span) -> bool:
        """Tell whether the run's last moment is in a span."""
        return not self.is_running and self.touches(span) and self.end <= span.end


def to_run(stored: StoredJob, now: datetime) -> Run | None:
    """Give a job's run; None where it never started."""
    job = stored.record
    if job.started_at is None:
        return None
    start = to_ms(job.started_at)
    end: int | None = None
    is_running = job.status == "RUNNING" and job.finished_at is None
    if not is_running:
        if job.elapsed_ms is not None:
            end = start + job.elapsed_ms
        elif job.finished_at is not None:
            end = to_ms(job.finished_at)
        elif job.status in TERMINATED:
            end = to_ms(job.updated_at)
        else:
            return None
    last = to_ms(now) if end is None else end
    return Run(stored=stored, start=start, end=max(start, last), is_running=is_running)


def split(
    window: tuple[datetime, datetime], bucket: str | None, zone: str
) -> list[Span]:
    """Split a window into calendar parts."""
    start, end = window
    if start > end:
        raise RefusedError(ErrorCode.BAD_USER_INPUT)
    inner = edges(start, end, bucket, ZoneInfo(zone)) if bucket else ()
    marks = [to_ms(start), *map(to_ms, inner), to_ms(end)]
    return [Span(start=first, end=last) for first, last in pairwise(marks)]


def edges(
    start: datetime, end: datetime, bucket: str, zone: ZoneInfo
) -> Iterable[datetime]:
    """Give the edges between a window's ends: every quarter of an hour is tried."""
    quarter = timedelta(minutes=15)
    at = EPOCH + (start - EPOCH) // quarter * quarter + quarter
    while at < end:
        local = at.astimezone(zone)
        before = (at - quarter).astimezone(zone)
        if start_of(local, bucket) != start_of(before, bucket):
            yield at
        at += quarter


def start_of(local: datetime, bucket: str) -> tuple[int, ...]:
    """Name the calendar part that a local time lies in."""
    match bucket:
        case "MONTH":
            return local.year, local.month
        case "WEEK":
            return local.isocalendar()[:2]
        case "DAY":
            return local.year, local.month, local.day
        case _:
            zone = local.utcoffset() or timedelta()
            return local.year, local.month, local.day, local.hour, zone.seconds


def measure(runs: Iterable[Run], span: Span) -> Mapping[str, Any]:
    """Add up the figures of runs in a span."""
    touching = [run for run in runs if run.touches(span)]
    costs: dict[str, Decimal] = defaultdict(Decimal)
    for run in runs:
        if run.stored.record.cost is not None and run.ended_in(span):
            costs[run.stored.record.cost.currency] += run.stored.record.cost.amount
    return {
        "lengthMs": sum(run.inside(span) for run in touching),
        "runningMs": sum(run.inside(span) for run in touching if run.is_running),
        "jobCount": len(touching),
        "cost": [
            {"amount": costs[currency], "currency": currency}
            for currency in sorted(costs)
        ],
        "queueTime": spread(run.stored.record.queue_ms for run in touching),
        "elapsedTime": spread(run.stored.record.elapsed_ms for run in touching),
    }


def spread(times: Iterable[int | None]) -> Mapping[str, int] | None:
    """Give the percentiles and the mean of the times that are known."""
    known = sorted(time for time in times if time is not None)
    if not known:
        return None
    places = {f"p{percent}": percent * len(known) / 100 for percent in (50, 95, 99)}
    mean = Fraction(sum(known), len(known))
    return {
        **{name: known[ceil(place) - 1] for name, place in places.items()},
        "mean": floor(mean + Fraction(1, 2)),
    }
