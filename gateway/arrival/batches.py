"""Streams of documents to the store, in batches that are written during decoding."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from gateway.arrival.pulling import Puller
from gateway.arrival.reach import check_reach, to_foreign_error
from gateway.arrival.starts import is_odd_start
from gateway.dialects.context import DecodeContext
from gateway.dialects.registry import Decoded, DecodedJob, Rejection, decode_lines
from gateway.errors import DecodeError, ForbiddenError
from gateway.store.batches import WriteCounts, WriteOutcome, count_outcomes
from gateway.store.database import Database
from gateway.store.rows import JobRow, to_job_row
from gateway.store.writes import put_each

# A batch is one transaction: a larger one updates fewer usage rows, but locks longer.
BATCH_ROWS = 5_000
# A batch ends after so many unpacked bytes, too: logs can make a job large.
BATCH_BYTES = 16 * 1024 * 1024
# Decoding so many takes a millisecond, in which the batch being written has to wait.
TURN_ROWS = 10

# A job as it was decoded, and its row.
DecodedRow = tuple[DecodedJob, JobRow]
Batch = Sequence[DecodedRow]


class RejectionLog(Protocol):
    """Records documents that cannot be written."""

    def write(self, rejection: Rejection) -> None:
        """Record one."""


# Is called with the number of documents so far, to show progress.
Show = Callable[[int], None]


def show_nothing(_: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where jobs are written.

    Attributes:
        project_id: The only project that may be written to; None is any.
        rejections: Records the documents that cannot be written.
    """

    database: Database
    account: str
    project_id: int | None = None
    rejections: RejectionLog


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts what is written, batch by batch.

    Attributes:
        odd_starts: How many jobs have a start that cannot be right.
        show: Is called after each.
    """

    counts: WriteCounts = field(default_factory=WriteCounts)
    odd_starts: int = 0
    show: Callable[[], None] | None = None

    def add(self, counts: WriteCounts) -> None:
        """Count a batch."""
        self.counts += counts
        if self.show is not None:
            self.show()


async def put_stream(
    destination: Destination,
    format_name: str,
    context: DecodeContext,
    fetch: Callable[[], Awaitable[bytes]],
    tally: Tally,
) -> None:
    """Write a stream of any length, of which a few batches are in memory at a time.

    Each batch is written whole or not at all, so an interrupted stream can be sent
    again.

    Args:
        destination: Where to.
        format_name: The dialect's.
        context: Defaults of what the documents do not say.
        fetch: Gives the next chunk, an empty one at the end.
        tally: Counts what is written, also before an error.

    Raises:
        DecodeError: There is no such format, or the stream is not of it.
        DatabaseUnavailableError: The database cannot be written to.
        Exception: Whatever `fetch` raises.
    """
    source = Puller(fetch)
    decoded = decode_lines(format_name, source, context)
    rows = to_decoded_rows(decoded, destination, tally)
    take = partial(take_batch, rows, source)
    await put_batches(destination, lambda: source.run(take), tally)


def to_decoded_rows(
    decoded: Iterable[Decoded], destination: Destination, tally: Tally
) -> Iterator[DecodedRow | None]:
    """Convert decoded jobs to rows; None stands for a rejected one."""
    rejections = destination.rejections
    now = datetime.now(UTC)
    for item in decoded:
        if isinstance(item, Rejection):
            rejections.write(item)
            yield None
            continue
        try:
            check_reach(item.record, destination.project_id)
            row = to_job_row(item.record)
        except (DecodeError, ForbiddenError) as exc:
            rejections.write(item.reject(exc.message))
            yield None
        else:
            tally.odd_starts += is_odd_start(item.record, now)
            yield item, row


def take_batch(rows: Iterator[DecodedRow | None], source: Puller) -> Batch:
    """Take the next batch, letting other tasks run after every few rows.

    Args:
        rows: As `to_decoded_rows` makes them.
        source: What they are read from, which runs this.

    Returns:
        The batch; it is empty at the end of the source.
    """
    batch: list[DecodedRow] = []
    until_bytes = source.taken_bytes + BATCH_BYTES
    for count, row in enumerate(rows, 1):
        if row is not None:
            batch.append(row)
        if not batch:
            until_bytes = source.taken_bytes + BATCH_BYTES
        elif len(batch) == BATCH_ROWS or source.taken_bytes >= until_bytes:
            break
        if count % TURN_ROWS == 0:
            source.pause()
    return batch


async def put_batches(
    destination: Destination, fetch: Callable[[], Awaitable[Batch]], tally: Tally
) -> None:
    """Write batches, each whole or not at all, until an empty one comes.

    If this fails or is cancelled, the batch being written is finished all the same.

    Args:
        destination: Where to.
        fetch: Gives the next batch; called while the one before is being written.
        tally: Counts what is written.

    Raises:
        DatabaseUnavailableError: The database cannot be written to.
    """
    batch = await fetch()
    while batch:
        writing = asyncio.create_task(write_batch(destination, batch))
        try:
            batch = await fetch()
        finally:
            tally.add(await writing)


async def write_batch(destination: Destination, batch: Batch) -> WriteCounts:
    """Write a batch in a transaction of its own."""
    rows = [row for _, row in batch]
    async with destination.database.transaction() as conn:
        outcomes = await put_each(
            conn, destination.account, rows, project_id=destination.project_id
        )
    for (job, _), outcome in zip(batch, outcomes, strict=True):
        if outcome is WriteOutcome.FOREIGN:
            destination.rejections.write(job.reject(to_foreign_error().message))
    return count_outcomes(outcomes)
