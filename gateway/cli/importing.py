"""`gateway import`: files of jobs to the database, in batches."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from typing_extensions import override

from gateway.arrival.batches import Destination, Tally, put_stream
from gateway.auth.names import parse_account, parse_project_id
from gateway.cli.garbage import rare_collections
from gateway.cli.inputs import Input, check_inputs, measure_inputs, open_input
from gateway.cli.rejections import RejectionFile
from gateway.dialects.context import DecodeContext
from gateway.dialects.registry import DIALECTS, decode_lines
from gateway.settings import Settings, read_settings
from gateway.store.batches import WriteCounts
from gateway.store.database import Database, open_database
from gateway.store.migrate import ensure_current

Show = Callable[[int], None]


def ignore(_: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """Which files to import, as what, and for whom."""

    format_name: str
    paths: tuple[Path, ...]
    account: str
    context: DecodeContext


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What became of the records of an import.

    Attributes:
        rejected_paths: The files that tell of the rejected ones.
    """

    counts: WriteCounts = field(default_factory=WriteCounts)
    rejected: int = 0
    rejected_paths: tuple[Path, ...] = ()
    elapsed_s: float = 0

    @property
    def read(self) -> int:
        """How many records were read, good or bad."""
        counts = self.counts
        return counts.new + counts.updated + counts.unchanged + self.rejected

    def with_rejected(self, rejections: RejectionFile) -> Self:
        """Add what was rejected of one input."""
        paths = (rejections.path,) if rejections.count else ()
        return replace(
            self,
            rejected=self.rejected + rejections.count,
            rejected_paths=self.rejected_paths + paths,
        )

    @override
    def __str__(self) -> str:
        speed = self.read / max(self.elapsed_s, 1e-9)
        return (
            f"read {self.read:,}: new {self.counts.new:,},"
            f" updated {self.counts.updated:,}, unchanged {self.counts.unchanged:,},"
            f" rejected {self.rejected:,}; {self.elapsed_s:.1f} s, {speed:,.0f} jobs/s"
        )


def check_request(request: ImportRequest) -> None:
    """Check all that can be checked before anything is written.

    Raises:
        DecodeError: There is no such format.
        InputError: A file cannot be read.
    """
    decode_lines(request.format_name, (), request.context)
    check_inputs(request.paths)


async def import_files(
    database: Database, request: ImportRequest, show: Show = ignore
) -> ImportSummary:
    """Import files one after the other, putting bad records aside.

    Each batch is written whole or not at all, so an import that was broken off can be
    run again.

    Args:
        database: Where to; it is migrated if it is new.
        request: What to import.
        show: Is told after each batch how many bytes of all files are read.

    Raises:
        DecodeError: There is no such format, or a file is not of it.
        InputError: A file cannot be read.
        MigrationError: The database is at another version.
        DatabaseUnavailableError: The database cannot be reached.
    """
    check_request(request)
    await ensure_current(database)
    started_s = time.monotonic()
    summary = ImportSummary()
    done_bytes = 0
    for path in request.paths:
        with (
            open_input(path) as source,
            RejectionFile(path) as rejections,
            rare_collections(),
        ):
            destination = Destination(
                database=database, account=request.account, rejections=rejections
            )
            tally = Tally(show=partial(show_position, show, done_bytes, source))
            await import_input(destination, request, source, tally)
            summary = replace(summary, counts=summary.counts + tally.counts)
            done_bytes += source.position()
        summary = summary.with_rejected(rejections)
    return replace(summary, elapsed_s=time.monotonic() - started_s)


def show_position(show: Show, done_bytes: int, source: Input) -> None:
    """Show how far a file is read, after the others."""
    show(done_bytes + source.position())


async def import_input(
    destination: Destination, request: ImportRequest, source: Input, tally: Tally
) -> None:
    """Import one file, counting what is written."""

    async def fetch() -> bytes:
        return next(source.chunks, b"")

    await put_stream(destination, request.format_name, request.context, fetch, tally)


def import_command(
    format_name: Annotated[
        str, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(DIALECTS)}.")
    ],
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Files, gzipped or not; - is standard input."
        ),
    ],
    *,
    account: Annotated[str, typer.Option(help="Whose jobs these are.")],
    project: Annotated[
        int | None, typer.Option(help="The project of jobs that name none.")
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(help="IANA zone of instants without one. [default: a setting]"),
    ] = None,
) -> None:
    """Import jobs; importing them again changes only what is newer."""
    settings = read_settings(sharedcloud_time_zone=time_zone)
    request = ImportRequest(
        format_name=format_name,
        paths=tuple(paths),
        account=parse_account(account),
        context=DecodeContext(
            project_id=parse_project_id(project),
            time_zone=ZoneInfo(settings.sharedcloud_time_zone),
        ),
    )
    check_request(request)
    with shown_progress(measure_inputs(request.paths)) as show:
        summary = asyncio.run(import_into(settings, request, show))
    typer.echo(f"{account}: {summary}")
    for path in summary.rejected_paths:
        typer.echo(f"rejected records, with reasons, are in {path}", err=True)
    if summary.rejected:
        raise typer.Exit(1)


async def import_into(
    settings: Settings, request: ImportRequest, show: Show
) -> ImportSummary:
    """Import files with a database of its own."""
    database = open_database(settings)
    try:
        return await import_files(database, request, show)
    finally:
        await database.close()


@contextmanager
def shown_progress(total_bytes: int | None) -> Iterator[Show]:
    """Show a progress bar, if standard error is a terminal."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("importing"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as progress:
        task = progress.add_task("importing", total=total_bytes)
        yield lambda done_bytes: progress.update(task, completed=done_bytes)
