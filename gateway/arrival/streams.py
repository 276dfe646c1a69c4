"""A stream of documents in a named format to the store, batch by batch."""

from collections.abc import Awaitable, Callable
from functools import partial

from gateway.arrival.batches import (
    Destination,
    Tally,
    put_batches,
    take_batch,
    to_numbered_rows,
)
from gateway.arrival.pulling import Puller
from gateway.dialects.context import DecodeContext
from gateway.dialects.registry import decode_lines


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
    rows = to_numbered_rows(decoded, destination)
    take = partial(take_batch, rows, source)
    await put_batches(destination, lambda: source.run(take), tally)
