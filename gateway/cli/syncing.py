"""`gateway sync`: jobs of the source systems to the database, once or for ever."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from gateway.errors import InputError
from gateway.query.usage.by_source import read_category_sums
from gateway.settings import Settings, read_settings, read_upstreams
from gateway.store.database import Database, open_database
from gateway.store.migrate import ensure_current
from gateway.store.version import check_version, read_version
from gateway.upstream_settings import ConfiguredUpstream
from gateway.upstreams.reader import Report
from gateway.upstreams.rounds import Show
from gateway.upstreams.syncing import STOP_GRACE_S, Syncing
from gateway.web.logs import configure_logs

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
HINT = "set GATEWAY_UPSTREAMS_FILE or GATEWAY_UPSTREAMS; see docs/sync.md"

T = TypeVar("T")
ToShow = Callable[[str], Show]

# How a round went that was broken off.
STOPPED = Report(name="", account="", error="stopped")


def sync(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="One round of each, and then end.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="One round that only says what it would write; writes nothing.",
        ),
    ] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="With --once or --dry-run: read all there is, and not only what is"
            " new since the last round.",
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this upstream; may be repeated."),
    ] = None,
) -> None:
    """Fetch the jobs of the source systems that are set, again and again."""
    if full and not (once or dry_run):
        raise InputError("--full is for one round; add --once or --dry-run")
    settings = read_settings()
    upstreams = choose(read_upstreams(settings), only or [])
    with shown_progress() as to_show:
        configure_logs(settings)
        reports = asyncio.run(
            sync_into(
                settings, upstreams, to_show, once=once, dry_run=dry_run, full=full
            )
        )
    if any(not report.is_good for report in reports):
        raise typer.Exit(1)


def choose(
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
        How the rounds went; nothing where they went on until a signal.
    """
    database = open_database(settings)
    told = tell_dry if dry_run else tell
    syncing = Syncing(
        settings,
        database,
        upstreams,
        tell=told,
        read_usage=partial(read_category_sums, database),
        to_show=to_show,
    )
    try:
        if dry_run:
            known = await find(database)
            reports = syncing.read_dry(known, is_full=full)
            return await run(syncing, reports) or [STOPPED]
        await ensure_current(database)
        if once:
            return await run(syncing, syncing.run_once(is_full=full)) or [STOPPED]
        await run(syncing, syncing.run())
        return ()
    finally:
        await database.close()


async def find(database: Database) -> Database | None:
    """Give the database if there is one, without making it.

    Raises:
        MigrationError: It is at another version.
    """
    if await read_version(database) is None:
        return None
    await check_version(database)
    return database


async def run(syncing: Syncing, work: Coroutine[Any, Any, T]) -> T | None:
    """Do the work; at a signal, end after the pages in hand, or soon.

    Returns:
        What the work gives; None where it took too long to end.
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


def tell(report: Report) -> None:
    """Print how a round went."""
    tell_as("", report)


def tell_dry(report: Report) -> None:
    """Print how a round went that wrote nothing."""
    tell_as("dry run: ", report)


def tell_as(prefix: str, report: Report) -> None:
    """Print how a round went: a line, and one for each thing to look at."""
    title = f"{prefix}{report.name} ({report.account})"
    if report.error is not None:
        typer.secho(f"error: {title}: {report.error}", fg=typer.colors.RED, err=True)
        return
    ending = "" if report.summary.is_complete else "; stopped before the end"
    typer.echo(f"{title}: {report.summary}{ending}")
    for note in report.summary.notes:
        typer.echo(f"{title}: {note}", err=True)


@contextmanager
def shown_progress() -> Iterator[ToShow]:
    """Show how far each round is, if standard error is a terminal."""
    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,} documents"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as progress:

        def to_show(name: str) -> Show:
            task = progress.add_task(name, total=None)
            return lambda count: progress.update(task, completed=count)

        yield to_show
