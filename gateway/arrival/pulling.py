"""Runs synchronous code that iterates over chunks which have to be awaited.

A decoder needs the next chunk in the middle of its work, and cannot await. A greenlet
is suspended there until the chunk has come, without a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


class Puller:
    """Chunks for synchronous code, which may take them only in what `run` runs.

    Args:
        fetch: Gives the next chunk, an empty one at the end.

    Attributes:
        taken_bytes: The length of all chunks taken so far.
    """

    def __init__(self, fetch: Callable[[], Awaitable[bytes]]) -> None:
        self.fetch = fetch
        self.taken_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        while chunk := getcurrent().parent.switch(self.fetch):
            self.taken_bytes += len(chunk)
            yield chunk

    def pause(self) -> None:
        """Let other tasks run."""
        getcurrent().parent.switch(None)

    async def run(self, work: Callable[[], T]) -> T:
        """Run work, awaiting the chunks it takes; errors of `fetch` are raised in it.

        Raises:
            Exception: Whatever `fetch` or the work raises.
        """
        worker = greenlet(work)
        # While suspended, what it waits for; in the end, what the work returns.
        result = worker.switch()
        while not worker.dead:
            try:
                # A chunk may be there already; other tasks run all the same.
                await asyncio.sleep(0)
                chunk = await result() if result else None
            except BaseException as exc:  # noqa: BLE001 -- the work raises it again
                result = worker.throw(exc)
            else:
                result = worker.switch(chunk)
        done: T = result
        return done
