"""What was decoded to batches of rows, each written while the next is being decoded."""

import asyncio
from collections.abc import (
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from gateway.arrival.reach import check_reach, to_foreign_error
from gateway.dialects.registry import Decoded, Rejection
from gateway.errors import DecodeError, ForbiddenError
from gateway.store.batches import WriteCounts, WriteOutcome, count_outcomes
from gateway.store.database import Database
from gateway.store.rows import JobRow, to_job_row
from gateway.store.writes import put_each

# A batch is one transaction: larger ones add usage up in fewer rows, but lock longer.
BATCH_ROWS = 5_000
# Logs can make a job large; so much of a file, unpacked, is a batch, too.
BATCH_BYTES = 16 * 1024 * 1024
# PostgreSQL waits so long, a millisecond, for the next statement of the batch before.
PART_ROWS = 10

# A row, and the number of the line that its document begins on.
NumberedRow = tuple[int, JobRow]
Batch = Sequence[NumberedRow]
# A few rows, None for what is rejected; and whether there are no more.
Part = tuple[list[NumberedRow | None], bool]
Run = Callable[[Callable[[], Part]], Awaitable[Part]]


class TakesRejections(Protocol):
    """Is told of documents that cannot be written."""

    def write(self, line_number: int, reason: str, document: str | None) -> None:
        """Note one, with its text where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where jobs are written.

    Attributes:
        project_id: The only project that may be written to; None is any.
        rejections: Is told of those that cannot be.
    """

    database: Database
    account: str
    project_id: int | None = None
    rejections: TakesRejections


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts what is written, batch by batch.

    Attributes:
        show: Is called after each.
    """

    counts: WriteCounts = field(default_factory=WriteCounts)
    show: Callable[[], None] | None = None

    def add(self, counts: WriteCounts) -> None:
        """Count a batch."""
        self.counts += counts
        if self.show is not None:
            self.show()


class Metered:
    """Chunks that are counted as they are taken.

    Attributes:
        taken_bytes: How many bytes were taken so far.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = chunks
        self.taken_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.taken_bytes += len(chunk)
            yield chunk


def to_rows(
    decoded: Iterable[Decoded], destination: Destination
) -> Iterator[NumberedRow | None]:
    """Convert what was decoded to rows; None stands for what is rejected."""
    rejections = destination.rejections
    for item in decoded:
        if isinstance(item, Rejection):
            rejections.write(item.line_number, item.reason, item.document)
            yield None
            continue
        try:
            check_reach(item.record, destination.project_id)
            row = to_job_row(item.record)
        except (DecodeError, ForbiddenError) as exc:
            rejections.write(item.line_number, exc.message, None)
            yield None
        else:
            yield item.line_number, row


async def run_here(work: Callable[[], Part]) -> Part:
    """Run work that never has to wait for the event loop."""
    return work()


async def take(
    rows: Iterator[NumberedRow | None], source: Metered, run: Run = run_here
) -> Batch:
    """Take the next batch, a few rows at a time, so that others have their turn.

    Args:
        rows: As `to_rows` makes them.
        source: What they are read from, which tells how much of it a batch takes.
        run: How to have a part of them made.

    Returns:
        The batch; it is empty at the end of the source.
    """
    batch: list[NumberedRow] = []
    until_bytes = 0
    while len(batch) < BATCH_ROWS:
        if not batch:
            until_bytes = source.taken_bytes + BATCH_BYTES
        part, is_last = await run(partial(take_part, rows, source, until_bytes))
        batch += [row for row in part if row is not None]
        if is_last or (batch and source.taken_bytes >= until_bytes):
            break
        await asyncio.sleep(0)
    return batch


def take_part(
    rows: Iterator[NumberedRow | None], source: Metered, until_bytes: int
) -> Part:
    """Take a few rows, fewer at the end of a batch, and tell whether they are all."""
    part: list[NumberedRow | None] = []
    for row in rows:
        part.append(row)
        if len(part) == PART_ROWS or source.taken_bytes >= until_bytes:
            return part, False
    return part, True


async def put_batches(
    destination: Destination, fetch: Callable[[], Awaitable[Batch]], tally: Tally
) -> None:
    """Write batches, each whole or not at all, until an empty one comes.

    Whatever ends this, the batch that is being written is not interrupted.

    Args:
        destination: Where to.
        fetch: Gives the next batch, while the one before is being written.
        tally: Counts what is written.

    Raises:
        DatabaseUnavailableError: The database cannot be written to.
    """
    batch = await fetch()
    while batch:
        writing = asyncio.create_task(write(destination, batch))
        try:
            batch = await fetch()
        finally:
            tally.add(await writing)


async def write(destination: Destination, batch: Batch) -> WriteCounts:
    """Write a batch in a transaction of its own."""
    rows = [row for _, row in batch]
    async with destination.database.transaction() as conn:
        outcomes = await put_each(
            conn, destination.account, rows, project_id=destination.project_id
        )
    for (line_number, _), outcome in zip(batch, outcomes, strict=True):
        if outcome is WriteOutcome.FOREIGN:
            reason = to_foreign_error().message
            destination.rejections.write(line_number, reason, None)
    return count_outcomes(outcomes)
