import asyncio
from collections.abc import Iterator

import pytest

from gateway.arrival.pulling import Puller


class Feed:
    """Gives chunks some turns of the loop later, then what it shall raise."""

    def __init__(self, *chunks: bytes, error: BaseException | None = None) -> None:
        self.chunks = list(chunks)
        self.error = error

    async def fetch(self) -> bytes:
        for _ in range(3):
            await asyncio.sleep(0)
        if not self.chunks and self.error is not None:
            raise self.error
        return self.chunks.pop(0) if self.chunks else b""


def to_pairs(chunks: Puller) -> Iterator[bytes]:
    """Join two chunks at a time, as a decoder keeps what it began."""
    kept = b""
    for chunk in chunks:
        if kept:
            yield kept + chunk
            kept = b""
        else:
            kept = chunk
    yield kept


async def test_plain_code_goes_on_where_it_waited_for_a_chunk() -> None:
    puller = Puller(Feed(b"a", b"b", b"c", b"d", b"e").fetch)
    pairs = to_pairs(puller)
    found = [await puller.run(lambda: next(pairs, None)) for _ in range(4)]
    assert found == [b"ab", b"cd", b"e", None]


async def test_others_run_while_a_chunk_is_awaited() -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    puller = Puller(Feed(b"a", b"b").fetch)
    task = asyncio.create_task(take_turns())
    assert await puller.run(lambda: list(puller)) == [b"a", b"b"]
    task.cancel()
    assert turns > 3


async def test_two_of_them_do_not_get_into_each_other_s_way() -> None:
    first, second = Puller(Feed(b"a", b"b").fetch), Puller(Feed(b"c", b"d").fetch)
    found = await asyncio.gather(
        first.run(lambda: list(first)), second.run(lambda: list(second))
    )
    assert tuple(found) == ([b"a", b"b"], [b"c", b"d"])


async def test_work_meets_what_went_wrong_where_it_waits() -> None:
    met: list[OSError] = []

    def work() -> None:
        try:
            list(puller)
        except OSError as exc:
            met.append(exc)
            raise

    error = OSError("gone")
    puller = Puller(Feed(b"a", error=error).fetch)
    with pytest.raises(OSError, match="gone"):
        await puller.run(work)
    assert met == [error]


async def test_what_the_work_raises_comes_out() -> None:
    def work() -> None:
        raise LookupError("none")

    with pytest.raises(LookupError, match="none"):
        await Puller(Feed().fetch).run(work)


async def test_waiting_can_be_cancelled_and_the_work_is_cleaned_up() -> None:
    closed = asyncio.Event()

    def work() -> None:
        try:
            list(puller)
        finally:
            closed.set()

    puller = Puller(asyncio.Event().wait)  # type: ignore[arg-type]  # it never gives any
    task = asyncio.create_task(puller.run(work))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed.is_set()
