from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import orjson
import pytest

from gateway.arrival.batches import (
    BATCH_BYTES,
    BATCH_ROWS,
    Batch,
    Destination,
    Tally,
    put_batches,
    take_batch,
    to_decoded_rows,
)
from gateway.arrival.pulling import Puller
from gateway.dialects.registry import Rejection, decode_lines
from gateway.settings import Settings
from gateway.store.batches import WriteCounts
from gateway.store.database import Database, open_database
from tests.dialects.wire import CONTEXT
from tests.features.recording import make_report

# What is cut into batches, and never written.
UNUSED = open_database(Settings())


@dataclass(slots=True)
class Told:
    """What was told of documents that cannot be written."""

    lines: list[int] = field(default_factory=list)

    def write(self, rejection: Rejection) -> None:
        self.lines.append(rejection.line_number)


def to_destination(database: Database) -> Destination:
    return Destination(database=database, account="acme", rejections=Told())


async def take_all(lines: Sequence[bytes]) -> list[Batch]:
    """Cut lines into batches."""
    source = to_source(lines)
    destination = to_destination(UNUSED)
    rows = to_decoded_rows(
        decode_lines("ndjson", source, CONTEXT), destination, Tally()
    )
    found = []
    while batch := await source.run(lambda: take_batch(rows, source)):
        found.append(batch)
    return found


def to_source(lines: Iterable[bytes]) -> Puller:
    left = iter(lines)

    async def fetch() -> bytes:
        return next(left, b"")

    return Puller(fetch)


def to_line(number: int, label: str = "") -> bytes:
    return orjson.dumps(make_report(f"job-{number}", label=label)) + b"\n"


async def test_a_batch_has_a_bounded_number_of_rows() -> None:
    lines = [to_line(number) for number in range(BATCH_ROWS + 7)]
    batches = await take_all(lines)
    assert [len(batch) for batch in batches] == [BATCH_ROWS, 7]
    assert [job.line_number for job, _ in batches[1]] == list(range(5001, 5008))


@pytest.mark.parametrize("rows", [4, 40])
async def test_a_batch_of_large_documents_has_fewer(rows: int) -> None:
    label = "x" * (BATCH_BYTES // rows)
    large = [to_line(number, label) for number in range(2 * rows + 1)]
    batches = await take_all(large)
    assert [len(batch) for batch in batches] == [rows, rows, 1]


async def test_a_batch_is_not_empty_because_documents_are_rejected() -> None:
    bad = b'{"label": "%s"}\n' % (b"x" * (BATCH_BYTES // 4))
    lines = [*[bad] * 9, to_line(1), *[bad] * 9, to_line(2)]
    batches = await take_all(lines)
    assert [job.line_number for batch in batches for job, _ in batch] == [10, 20]


async def test_all_that_is_written_is_counted_also_before_an_error(
    database: Database,
) -> None:
    source = to_source([to_line(1), to_line(2), b"{oops\n"])
    destination = to_destination(database)
    rows = to_decoded_rows(
        decode_lines("ndjson", source, CONTEXT), destination, Tally()
    )
    batches = broken(await source.run(lambda: take_batch(rows, source)))

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
