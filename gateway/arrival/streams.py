"""A stream of documents in a named format to the store, batch by batch."""

from collections.abc import Awaitable, Callable

from gateway.arrival.batches import (
    Destination,
    Metered,
    Tally,
    put_batches,
    take,
    to_rows,
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
    """Write a stream of any length; little of it is in memory at a time.

    Each batch is written whole or not at all, so a stream that was broken off can be
    sent again.

    Args:
        destination: Where to.
        format_name: The dialect's.
        context: What the documents do not say.
        fetch: Gives the next chunk, an empty one at the end.
        tally: Counts what is written, also where this ends with an error.

    Raises:
        DecodeError: There is no such format, or the stream is not of it.
        DatabaseUnavailableError: The database cannot be written to.
        Exception: Whatever `fetch` raises.
    """
    puller = Puller(fetch)
    source = Metered(puller)
    rows = to_rows(decode_lines(format_name, source, context), destination)
    await put_batches(destination, lambda: take(rows, source, puller.run), tally)
