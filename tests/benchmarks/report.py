"""Results to one table, and the machine they were measured on."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table

from tests.benchmarks.contestants import CONTESTANTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A ratio, and what it shall be at least; or at most."""

    ratio: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_reached(self) -> bool:
        """Tell whether it is as it shall be."""
        is_low = self.at_least is not None and self.ratio < self.at_least
        return not is_low and (self.at_most is None or self.ratio <= self.at_most)

    def to_cell(self) -> str:
        """Write it, in red where it is not as it shall be."""
        bound = ""
        if self.at_least is not None:
            bound = f" (>= {self.at_least:g})"
        elif self.at_most is not None:
            bound = f" (<= {self.at_most:g})"
        text = f"{self.ratio:.2f}{bound}"
        return text if self.is_reached else f"[red]{text} missed[/red]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the table: a figure of each contestant, and the gateway's ratios."""

    database: str
    jobs: str
    title: str
    unit: str
    figures: Mapping[str, float]
    ratios: Mapping[str, Comparison] = field(default_factory=dict)

    def to_cells(self) -> list[str]:
        """Write the cells."""
        names = [each.name for each in CONTESTANTS]
        ratios = [self.ratios.get(name) for name in names[1:]]
        return [
            self.database,
            self.jobs,
            self.title,
            self.unit,
            *(to_figure(self.figures.get(name)) for name in names),
            *("" if found is None else found.to_cell() for found in ratios),
        ]


def to_figure(value: float | None) -> str:
    """Write a figure with three digits that count."""
    if value is None:
        return ""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def to_table(lines: Sequence[Line]) -> Table:
    """Put the lines together, a section for each data set."""
    table = Table(title=describe_machine())
    for heading in ("database", "jobs", "work", "unit"):
        table.add_column(heading, overflow="fold")
    for heading in (each.title for each in CONTESTANTS):
        table.add_column(heading, justify="right")
    for each in CONTESTANTS[1:]:
        table.add_column(f"gateway / {each.title}", justify="right")
    before = None
    for line in lines:
        place = (line.database, line.jobs)
        if before not in {None, place}:
            table.add_section()
        before = place
        table.add_row(*line.to_cells())
    return table


def describe_machine() -> str:
    """Name processor, cores, system and Python."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.machine()}"
    return f"{read_processor()}, {os.cpu_count()} cores, {system}, {python}"


def read_processor() -> str:
    """Name the processor, where the system tells it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.processor()
