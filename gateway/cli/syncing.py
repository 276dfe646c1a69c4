"""`gateway sync`: fetch jobs from the source systems, once or continuously."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import typer
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from gateway.arrival.batches import Show
from gateway.cli.progress import make_progress
from gateway.errors import InputError
from gateway.query.usage.by_source import read_category_sums
from gateway.settings import Settings, read_settings, read_upstreams
from gateway.store.database import Database, opened_database
from gateway.store.migrate import ensure_current
from gateway.store.version import check_version, read_version
from gateway.upstream_settings import ConfiguredUpstream
from gateway.upstreams.reader import Report
from gateway.upstreams.syncing import STOP_GRACE_S, Syncing
from gateway.web.logs import configure_logs
from gateway.web.server import STOP_SIGNALS

HINT = "set GATEWAY_UPSTREAMS_FILE or GATEWAY_UPSTREAMS; see docs/sync.md"

T = TypeVar("T")
ToShow = Callable[[str], Show]

# The report of a round that was cancelled.
STOPPED = Report(name="", account="", error="stopped")


def sync_upstreams(
    *, once: bool, dry_run: bool, full: bool, only: list[str] | None
) -> None:
    """Sync as the settings say, and exit with 1 if a round failed.

    Raises:
        InputError: The options contradict each other, or there is nothing to sync.
    """
    if full and not (once or dry_run):
        raise InputError("--full is for one round; add --once or --dry-run")
    settings = read_settings()
    upstreams = choose_upstreams(read_upstreams(settings), only or [])
    with show_rounds() as to_show:
        configure_logs(settings)
        reports = asyncio.run(
            sync_into(
                settings, upstreams, to_show, once=once, dry_run=dry_run, full=full
            )
        )
    if any(not report.is_good for report in reports):
        raise typer.Exit(1)


def choose_upstreams(
    upstreams: Sequence[ConfiguredUpstream], names: Sequence[str]
) -> Sequence[ConfiguredUpstream]:
    """Choose the upstreams that are named, or all.

    Raises:
        InputError: One is not set, or none is.
    """
    if not upstreams:
        raise InputError(f"there is nothing to sync; {HINT}")
    known = [each.settings.name for each in upstreams]
    for name in names:
        if name not in known:
            raise InputError(
                f"there is no upstream {name!r}; there are {', '.join(known)}"
            )
    return [each for each in upstreams if not names or each.settings.name in names]


async def sync_into(
    settings: Settings,
    upstreams: Sequence[ConfiguredUpstream],
    to_show: ToShow,
    *,
    once: bool,
    dry_run: bool,
    full: bool,
) -> Sequence[Report]:
    """Sync with a database of its own.

    Returns:
        A report of each round; none if rounds were repeated until a signal.
    """
    async with opened_database(settings, None) as database:
        syncing = Syncing(
            settings,
            database,
            upstreams,
            tell=partial(print_report, "dry run: " if dry_run else ""),
            read_usage=partial(read_category_sums, database),
            to_show=to_show,
        )
        if dry_run:
            known = await find_migrated(database)
            reports = syncing.read_dry(known, is_full=full)
            return await run_until_signal(syncing, reports) or [STOPPED]
        await ensure_current(database)
        if once:
            reports = syncing.run_once(is_full=full)
            return await run_until_signal(syncing, reports) or [STOPPED]
        await run_until_signal(syncing, syncing.run())
        return ()


async def find_migrated(database: Database) -> Database | None:
    """Return the database if it is migrated; None if it is new.

    Raises:
        MigrationError: It is at another version.
    """
    if await read_version(database) is None:
        return None
    await check_version(database)
    return database


async def run_until_signal(syncing: Syncing, work: Coroutine[Any, Any, T]) -> T | None:
    """Await some work; at a signal, let it finish its page, or cancel it soon.

    Returns:
        The result of the work; None if it was cancelled.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)

    def end() -> None:
        if syncing.stop.is_set():
            task.cancel()
        syncing.stop.set()
        loop.call_later(STOP_GRACE_S, task.cancel)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, end)
    await asyncio.wait([task])
    return None if task.cancelled() else task.result()


def print_report(prefix: str, report: Report) -> None:
    """Print how a round went: one line, and one for each note."""
    title = f"{prefix}{report.name} ({report.account})"
    if report.error is not None:
        typer.secho(f"error: {title}: {report.error}", fg=typer.colors.RED, err=True)
        return
    ending = "" if report.summary.is_complete else "; stopped before the end"
    typer.echo(f"{title}: {report.summary}{ending}")
    for note in report.summary.notes:
        typer.echo(f"{title}: {note}", err=True)


@contextmanager
def show_rounds() -> Iterator[ToShow]:
    """Show the progress of each round, if standard error is a terminal."""
    with make_progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,} documents"),
        TimeElapsedColumn(),
    ) as progress:

        def to_show(name: str) -> Show:
            task = progress.add_task(name, total=None)
            return lambda count: progress.update(task, completed=count)

        yield to_show
