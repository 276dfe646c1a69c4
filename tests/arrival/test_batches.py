from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson
import pytest

from gateway.arrival.batches import (
    BATCH_BYTES,
    BATCH_ROWS,
    Batch,
    Destination,
    Metered,
    Tally,
    put_batches,
    take,
    to_rows,
)
from gateway.dialects.registry import decode_lines
from gateway.store.database import Database
from gateway.store.writes import WriteCounts
from tests.dialects.wire import CONTEXT
from tests.features.recording import make_report


@dataclass(slots=True)
class Told:
    """What was told of documents that cannot be written."""

    lines: list[int] = field(default_factory=list)

    def write(self, line_number: int, reason: str, document: str | None) -> None:  # noqa: ARG002 -- the interface's
        self.lines.append(line_number)


def to_destination(database: Database, project_id: int | None = None) -> Destination:
    return Destination(
        database=database, account="acme", project_id=project_id, rejections=Told()
    )


async def take_all(database: Database, lines: Sequence[bytes]) -> list[Batch]:
    """Cut lines into batches."""
    source = Metered(lines)
    rows = to_rows(decode_lines("ndjson", source, CONTEXT), to_destination(database))
    found = []
    while batch := await take(rows, source):
        found.append(batch)
    return found


def to_line(number: int, label: str = "") -> bytes:
    return orjson.dumps(make_report(f"job-{number}", label=label)) + b"\n"


async def test_a_batch_has_a_bounded_number_of_rows(database: Database) -> None:
    lines = [to_line(number) for number in range(BATCH_ROWS + 7)]
    batches = await take_all(database, lines)
    assert [len(batch) for batch in batches] == [BATCH_ROWS, 7]
    assert [number for number, _ in batches[1]] == list(range(5001, 5008))


async def test_a_batch_of_large_documents_has_fewer(database: Database) -> None:
    large = [to_line(number, "x" * (BATCH_BYTES // 4)) for number in range(9)]
    batches = await take_all(database, large)
    assert [len(batch) for batch in batches] == [4, 4, 1]


async def test_a_batch_is_not_empty_because_documents_are_rejected(
    database: Database,
) -> None:
    bad = b'{"label": "%s"}\n' % (b"x" * (BATCH_BYTES // 4))
    lines = [*[bad] * 9, to_line(1), *[bad] * 9, to_line(2)]
    batches = await take_all(database, lines)
    assert [number for batch in batches for number, _ in batch] == [10, 20]


async def test_all_that_is_written_is_counted_also_before_an_error(
    database: Database,
) -> None:
    source = Metered([to_line(1), to_line(2), b"{oops\n"])
    destination = to_destination(database)
    rows = to_rows(decode_lines("ndjson", source, CONTEXT), destination)
    batches = broken(await take(rows, source))

    async def fetch() -> Batch:
        return next(batches)

    tally = Tally()
    with pytest.raises(OSError, match="gone"):
        await put_batches(destination, fetch, tally)
    assert tally.counts == WriteCounts(new=2)


def broken(batch: Batch) -> Iterator[Batch]:
    """Give a batch, and break."""
    yield batch
    raise OSError("gone")
