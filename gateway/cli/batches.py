"""What was decoded to batches of rows, while the batch before is being written."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from gateway.cli.rejections import RejectionFile
from gateway.dialects.registry import Decoded, Rejection
from gateway.errors import DecodeError
from gateway.store.rows import JobRow, to_row

__all__ = ["rare_collections", "take", "to_rows"]

# A batch is one transaction: larger ones add usage up in fewer rows, but lock longer.
BATCH_ROWS = 5_000
# PostgreSQL waits so long, a millisecond, for the next statement of the batch before.
PART_ROWS = 10


def to_rows(decoded: Iterator[Decoded], rejections: RejectionFile) -> Iterator[JobRow]:
    """Convert what was decoded to rows, and write down what was not."""
    for item in decoded:
        if isinstance(item, Rejection):
            rejections.write(item.line_number, item.reason, item.document)
            continue
        try:
            yield to_row(item.record)
        except DecodeError as exc:
            rejections.write(item.line_number, exc.message, None)


async def take(rows: Iterator[JobRow]) -> list[JobRow]:
    """Take the next batch, a few rows at a time, while the one before is written."""
    batch: list[JobRow] = []
    while part := list(islice(rows, PART_ROWS)):
        batch += part
        if len(batch) >= BATCH_ROWS:
            break
        await asyncio.sleep(0)
    return batch


@contextmanager
def rare_collections() -> Iterator[None]:
    """Have Python look for cycles a hundred times less often.

    Records have none and die with their batch; looking took a quarter of an import.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
