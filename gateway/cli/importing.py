"""`gateway import`: files of jobs to the database, in batches."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TextColumn,
    TimeRemainingColumn,
)
from typing_extensions import override

from gateway.arrival.batches import Destination, Show, Tally, put_stream, show_nothing
from gateway.auth.names import parse_account, parse_project_id
from gateway.cli.garbage import rare_collections
from gateway.cli.inputs import Input, check_inputs, measure_inputs, open_input
from gateway.cli.progress import make_progress
from gateway.cli.rejections import RejectionFile
from gateway.dialects.context import DecodeContext, parse_log_start
from gateway.dialects.registry import decode_lines
from gateway.dialects.swf import check_log_name
from gateway.settings import Settings, read_settings
from gateway.store.batches import WriteCounts
from gateway.store.database import Database, opened_database
from gateway.store.migrate import ensure_current


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """Which files to import, as what, and for whom."""

    format_name: str
    paths: tuple[Path, ...]
    account: str
    context: DecodeContext


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """The outcome of an import.

    Attributes:
        rejected_paths: The files that the rejected ones are in.
        odd_starts: How many jobs start before 1970 or more than an hour ahead.
    """

    counts: WriteCounts
    rejected: int
    rejected_paths: tuple[Path, ...]
    odd_starts: int
    elapsed_s: float

    @property
    def read(self) -> int:
        """How many records were read, good or bad."""
        return self.counts.total + self.rejected

    @override
    def __str__(self) -> str:
        speed = self.read / max(self.elapsed_s, 1e-9)
        odd_starts = (
            f"; starts before 1970 or more than an hour ahead: {self.odd_starts:,}"
            if self.odd_starts
            else ""
        )
        return (
            f"read {self.read:,}: {self.counts}, rejected {self.rejected:,};"
            f" {self.elapsed_s:.1f} s, {speed:,.0f} jobs/s{odd_starts}"
        )


def check_import(request: ImportRequest) -> None:
    """Check format and files before anything is written.

    Raises:
        DecodeError: There is no such format.
        InputError: A file cannot be read.
    """
    decode_lines(request.format_name, (), request.context)
    check_inputs(request.paths)


async def import_files(
    database: Database, request: ImportRequest, show: Show = show_nothing
) -> ImportSummary:
    """Import files one after the other; bad records go to a file beside each.

    Each batch is a transaction, so an interrupted import can be run again.

    Args:
        database: Where to; it is migrated if it is new.
        request: What to import.
        show: Called after each batch with the bytes read so far of all files.

    Raises:
        DecodeError: There is no such format, or a file is not of it.
        InputError: A file cannot be read.
        MigrationError: The database is at another version.
        DatabaseUnavailableError: The database cannot be reached.
    """
    check_import(request)
    await ensure_current(database)
    started_s = time.monotonic()
    counts, rejected, done_bytes, odd_starts = WriteCounts(), [], 0, 0
    for path in request.paths:
        with (
            open_input(path) as source,
            RejectionFile(path) as rejections,
            rare_collections(),
        ):
            destination = Destination(
                database=database, account=request.account, rejections=rejections
            )
            show_more = partial(show_position, show, done_bytes, source)
            tally = Tally(counts=counts, show=show_more)
            await import_input(destination, request, source, tally)
            counts = tally.counts
            odd_starts += tally.odd_starts
            done_bytes += source.position()
        rejected.append(rejections)
    return ImportSummary(
        counts=counts,
        rejected=sum(each.count for each in rejected),
        rejected_paths=tuple(each.path for each in rejected if each.count),
        odd_starts=odd_starts,
        elapsed_s=time.monotonic() - started_s,
    )


def show_position(show: Show, done_bytes: int, source: Input) -> None:
    """Report the bytes read of this file and of those before it."""
    show(done_bytes + source.position())


async def import_input(
    destination: Destination, request: ImportRequest, source: Input, tally: Tally
) -> None:
    """Import one file, counting what is written."""

    async def fetch() -> bytes:
        return next(source.chunks, b"")

    await put_stream(destination, request.format_name, request.context, fetch, tally)


def to_context(
    settings: Settings,
    project: int | None = None,
    start: str | None = None,
    log: str | None = None,
) -> DecodeContext:
    """Make the context of documents, with a checked project, start and log name.

    Raises:
        InputError: There can be no such project or start.
        DecodeError: There can be no such log.
    """
    return DecodeContext(
        project_id=parse_project_id(project),
        time_zone=ZoneInfo(settings.sharedcloud_time_zone),
        start=None if start is None else parse_log_start("--start", start),
        log_name=None if log is None else check_log_name(log),
    )


def to_import_request(
    format_name: str, paths: Iterable[Path], account: str, context: DecodeContext
) -> ImportRequest:
    """Make a request with a checked account.

    Raises:
        InputError: There can be no such account.
    """
    return ImportRequest(
        format_name=format_name,
        paths=tuple(paths),
        account=parse_account(account),
        context=context,
    )


def import_paths(  # noqa: PLR0913 -- each is an option of the command line
    format_name: str,
    paths: list[Path],
    *,
    account: str,
    project: int | None,
    time_zone: str | None,
    start: str | None,
    log: str | None,
) -> None:
    """Import files, and exit with 1 if a record was rejected."""
    settings = read_settings(sharedcloud_time_zone=time_zone)
    context = to_context(settings, project, start, log)
    request = to_import_request(format_name, paths, account, context)
    check_import(request)
    with show_bytes(measure_inputs(request.paths)) as show:
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
    async with opened_database(settings, None) as database:
        return await import_files(database, request, show)


@contextmanager
def show_bytes(total_bytes: int | None) -> Iterator[Show]:
    """Show how many bytes are read, if standard error is a terminal."""
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with make_progress(TextColumn("importing"), *columns) as progress:
        task = progress.add_task("importing", total=total_bytes)
        yield lambda done_bytes: progress.update(task, completed=done_bytes)
