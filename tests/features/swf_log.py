"""A workload log to runs, and to usage as one would add it up by hand.

Nothing of the gateway is used here: its answers are compared with this.
"""

import gzip
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# By the value of the dimension and the start of the part: length in ms, and jobs.
Figures = Mapping[tuple[str | None, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Run:
    """A row's run, in ms since 1970."""

    start: int
    end: int
    user: str
    group: str


def read_runs(path: Path) -> list[Run]:
    """Read the rows of a log whose waits are unknown and whose runs are known."""
    with gzip.open(path, "rt") as lines:
        return list(parse_runs(lines))


def parse_runs(lines: Iterator[str]) -> Iterator[Run]:
    """Read header and rows."""
    epoch_s = 0
    for line in lines:
        if line.startswith(";"):
            if "UnixStartTime:" in line:
                epoch_s = int(line.split(":")[1])
            continue
        columns = line.split()
        start = (epoch_s + int(columns[1])) * 1_000
        yield Run(start, start + int(columns[3]) * 1_000, columns[11], columns[12])


def to_ms(instant: datetime) -> int:
    """Convert an instant."""
    return round((instant - EPOCH).total_seconds() * 1_000)


def add_up(
    runs: Sequence[Run],
    edges: Sequence[int],
    key: Callable[[Run], str | None],
) -> Figures:
    """Add up what runs used in each part between two edges."""
    found: dict[tuple[str | None, int], list[int]] = defaultdict(lambda: [0, 0])
    parts = list(pairwise(edges))
    for run in runs:
        first = max(0, bisect_right(edges, run.start) - 1)
        last = bisect_left(edges, run.end)
        for start, end in parts[first : max(last, first + 1)]:
            is_in = run.start < end and (run.end > start or run.start >= start)
            if is_in and start < end:
                figures = found[key(run), start]
                figures[0] += min(run.end, end) - max(run.start, start)
                figures[1] += 1
    return {place: (length, jobs) for place, (length, jobs) in found.items()}
