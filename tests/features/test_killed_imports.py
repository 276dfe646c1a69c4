"""Imports that are killed at any point leave usage figures and jobs in agreement."""

import asyncio
import random
import signal
import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.arrival.batches import show_nothing
from gateway.cli.importing import ImportRequest, import_into
from gateway.dialects.context import DecodeContext
from gateway.settings import read_settings
from gateway.store.database import open_database
from gateway.store.status import read_account_counts
from gateway.store.usage.verify import verify_usage

KILLS = 20
ROWS, STEP = 3_000, 500
# The first starts what starts the processes, the second tells how long one takes.
WHOLE_RUNS = 2
HEADER = "; UnixStartTime: 1132444805\n"
# Its processes have all imported when they start, the drivers, too.
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        __name__,
        "sqlalchemy.dialects.postgresql.asyncpg",
        "sqlalchemy.dialects.sqlite.aiosqlite",
        "asyncpg",
        "aiosqlite",
    ]
)


def write_log(path: Path, run: int, first: int, count: int) -> Path:
    """Write the log of a run, in which jobs ran longer than in those before."""
    path.write_text(
        HEADER
        + "".join(
            f"{number} {number * 7} -1 {3000 + run} 1 -1 -1 -1 -1 -1 1"
            f" {number % 50} 3 {number % 9} -1 {number % 7} -1 -1\n"
            for number in range(first, first + count)
        )
    )
    return path


def run_import(url: str, log: Path) -> None:
    """Do what `gateway import` does; in a project, so that it has figures, too."""
    context = DecodeContext(project_id=7, time_zone=ZoneInfo("UTC"))
    request = ImportRequest(
        format_name="swf", paths=(log,), account="acme", context=context
    )
    asyncio.run(import_into(read_settings(database_url=url), request, show_nothing))


def start_import(url: str, log: Path) -> ForkServerProcess:
    """Start an import in a process of its own."""
    process = CONTEXT.Process(target=run_import, args=(url, log))
    process.start()
    return process


def kill_imports(url: str, log: Path, chance: random.Random) -> Iterator[int]:
    """Kill imports anywhere between start and end, and give the number of each.

    In each some jobs are new, and the others have changed.
    """
    run, killed, whole_s = 0, 0, 0.0
    while killed < KILLS:
        run += 1
        process = start_import(url, write_log(log, run, run * STEP, ROWS))
        started_s = time.monotonic()
        if run > WHOLE_RUNS:
            time.sleep(chance.uniform(0, whole_s))
            process.kill()
        process.join()
        if run <= WHOLE_RUNS:
            whole_s = time.monotonic() - started_s
        killed += process.exitcode == -signal.SIGKILL
        yield run


async def find_differences(url: str) -> list[str]:
    """Compare the figures with the jobs."""
    database = open_database(read_settings(database_url=url))
    found = await verify_usage(database, "acme", limit=3)
    await database.close()
    return list(map(str, found))


async def count_jobs(url: str) -> int:
    """Count the jobs."""
    database = open_database(read_settings(database_url=url))
    [counts] = await read_account_counts(database)
    await database.close()
    return counts.jobs


def test_killed_imports_leave_figures_and_jobs_in_agreement(
    database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(4)  # noqa: S311 -- picks when to kill
    log, last = tmp_path / "log.swf", 0
    for run in kill_imports(database_url, log, chance):
        assert asyncio.run(find_differences(database_url)) == []
        last = run + 1
    run_import(database_url, write_log(log, last, 0, last * STEP + ROWS))
    assert asyncio.run(count_jobs(database_url)) == last * STEP + ROWS
    assert asyncio.run(find_differences(database_url)) == []
