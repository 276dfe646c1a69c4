"""This checkout against another one: `python -m tests.benchmarks.against DIRECTORY`.

Both serve the same databases at the same time, each with its own environment, and take
turns; what disturbs the machine disturbs both.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from tests.benchmarks.__main__ import DATABASES, kept, to_data_sets, to_names
from tests.benchmarks.client import Client, open_client
from tests.benchmarks.contestants import CONTESTANTS, running
from tests.benchmarks.datasets import DataSet, make_key, open_home, read_identifiers
from tests.benchmarks.measure import Entrant, Pace, check_answers, measure
from tests.benchmarks.works import WORKS, Work, to_wishes

GATEWAY = CONTESTANTS[0]
IDENTIFIERS = 1_000
NAMES = tuple(work.name for work in WORKS)


def main(  # noqa: PLR0913 -- as many as there are options
    directory: Annotated[
        Path,
        typer.Argument(help="The other checkout, with an environment in its .venv."),
    ],
    *,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each work.")] = 60,
    requests: Annotated[
        int, typer.Option(min=1, help="Requests of a checkout in a round.")
    ] = 60,
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="Connections of the client.")
    ] = 8,
    jobs: Annotated[
        str, typer.Option(help="Data sets: lcg, or how many jobs to generate.")
    ] = "lcg",
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
    """Compare the rates of this checkout's gateway with another's, work by work."""
    pace = Pace(rounds=rounds, requests=requests, concurrency=concurrency)
    databases = to_names(database, DATABASES)
    chosen = to_names(only, NAMES)
    works = [work for work in WORKS if work.name in chosen]
    progress = Console(stderr=True)
    table = Table("database", "jobs", "work", "this, requests/s", "other", "ratio")
    with kept(folder) as place, open_home(place, databases) as home:
        for name, size in to_data_sets(databases, jobs, progress):
            data_set = home.find(name, size)
            ratios = uvloop.run(compare(data_set, directory.absolute(), works, pace))
            for title, (this, other, ratio) in ratios.items():
                figures = f"{this:.0f}", f"{other:.0f}", f"{ratio:.3f}"
                table.add_row(name, size, title, *figures)
    Console(width=120).print(table)


async def compare(
    data_set: DataSet, directory: Path, works: Sequence[Work], pace: Pace
) -> Mapping[str, tuple[float, float, float]]:
    """Measure both checkouts at each work.

    Returns:
        By the work's title: the median rates of this and the other, in requests per
        second, and the median ratio of both in a round.
    """
    key = await make_key(data_set.url)
    identifiers = await read_identifiers(data_set.url, IDENTIFIERS)
    found = {}
    async with open_both(data_set, directory, key, pace) as clients:
        for work in works:
            wishes = to_wishes(work, identifiers)
            requests = [GATEWAY.to_request(wish, key) for wish in wishes]
            entrants = [
                Entrant(name=name, client=client, requests=requests)
                for name, client in clients.items()
            ]
            await check_answers(work, entrants)
            rates = await measure(entrants, pace)
            ratio = rates.ratio("this", "other")
            found[work.title] = rates.median("this"), rates.median("other"), ratio
    return found


@asynccontextmanager
async def open_both(
    data_set: DataSet, directory: Path, key: str, pace: Pace
) -> AsyncIterator[Mapping[str, Client]]:
    """Serve a data set by both checkouts, and connect to them."""
    (first, *_) = to_wishes(WORKS[0], ())
    request = GATEWAY.to_request(first, key)
    folders = {"this": GATEWAY.folder, "other": directory}
    async with AsyncExitStack() as stack:
        clients = {}
        for name, folder in folders.items():
            gateway = replace(GATEWAY, folder=folder)
            served = await stack.enter_async_context(
                running(gateway, data_set.url, request)
            )
            clients[name] = await stack.enter_async_context(
                open_client(served.port, pace.concurrency)
            )
        yield clients


if __name__ == "__main__":
    typer.run(main)
