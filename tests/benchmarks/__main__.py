"""The benchmarks, on the command line: `python -m tests.benchmarks`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from tests.benchmarks.datasets import LCG, Home, open_home
from tests.benchmarks.measure import Pace
from tests.benchmarks.report import Line, to_table
from tests.benchmarks.rounds import FACTS, measure_data_set
from tests.benchmarks.works import WORKS
from tests.benchmarks.years import SMALL_JOBS

DATABASES = ("sqlite", "postgresql")
NAMES = (*(work.name for work in WORKS), *FACTS)


def main(  # noqa: PLR0913 -- as many as there are options
    *,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each work.")] = 25,
    requests: Annotated[
        int, typer.Option(min=1, help="Requests of a contestant in a round.")
    ] = 60,
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="Connections of the client.")
    ] = 8,
    jobs: Annotated[
        str, typer.Option(help="Data sets: lcg, or how many jobs to generate.")
    ] = "lcg,5000000",
    database: Annotated[
        str, typer.Option(help=f"Of {', '.join(DATABASES)}.")
    ] = ",".join(DATABASES),
    only: Annotated[
        str, typer.Option(help=f"Of {', '.join(NAMES)}; all if not given.")
    ] = ",".join(NAMES),
    folder: Annotated[
        Path | None, typer.Option(help="Keeps the data sets; else a temporary one.")
    ] = None,
) -> None:
    """Compare the gateway with hand-written endpoints and plain Strawberry."""
    pace = Pace(rounds=rounds, requests=requests, concurrency=concurrency)
    databases = to_names(database, DATABASES)
    chosen = to_names(only, NAMES)
    progress = Console(stderr=True)
    lines: list[Line] = []
    with kept(folder) as place, open_home(place, databases) as home:
        for name, size in to_data_sets(databases, jobs, progress):
            lines += run(home, name, size, chosen, pace, progress)
    Console(width=200).print(to_table(lines))


def to_names(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Split names at commas.

    Raises:
        typer.BadParameter: One is not known.
    """
    names = tuple(text.split(","))
    if wrong := sorted(set(names) - set(known)):
        raise typer.BadParameter(f"{wrong} are none of {', '.join(known)}")
    return names


@contextmanager
def kept(folder: Path | None) -> Iterator[Path]:
    """Give the folder, or one that is gone at the end."""
    if folder is not None:
        yield folder.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="gateway-benchmarks-") as temporary:
        yield Path(temporary)


def to_data_sets(
    databases: tuple[str, ...], jobs: str, progress: Console
) -> Iterator[tuple[str, str]]:
    """Give databases and sizes, without what cannot be had."""
    for size in jobs.split(","):
        if size == "lcg" and not LCG.exists():
            progress.print("The LCG log is not beside the repository; it is left out.")
            continue
        if size != "lcg" and not size.isdecimal():
            raise typer.BadParameter(f"{size!r} is neither lcg nor a number of jobs")
        for name in databases:
            yield name, size


def run(
    home: Home,
    database: str,
    jobs: str,
    chosen: tuple[str, ...],
    pace: Pace,
    progress: Console,
) -> list[Line]:
    """Measure one data set."""
    progress.print(f"{database}, {jobs}: looking for the data set, or making it")
    data_set = home.find(database, jobs)
    small = None
    if "years" in chosen and jobs != "lcg":
        small = home.find(database, SMALL_JOBS)
    return uvloop.run(measure_data_set(data_set, small, chosen, pace, progress.print))


if __name__ == "__main__":
    typer.run(main)
