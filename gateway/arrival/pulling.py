"""Plain code that pulls chunks, run on the event loop, which has to be waited for them.

A decoder asks for the next chunk in the middle of its work, and cannot await. In a
greenlet it can be left there until the chunk has come, without a thread of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


class Puller:
    """Chunks for plain code, which may take them only in what `run` runs.

    Args:
        fetch: Gives the next chunk, an empty one at the end.
    """

    def __init__(self, fetch: Callable[[], Awaitable[bytes]]) -> None:
        self.fetch = fetch

    def __iter__(self) -> Iterator[bytes]:
        while chunk := getcurrent().parent.switch():
            yield chunk

    async def run(self, work: Callable[[], T]) -> T:
        """Run work, awaiting the chunks it asks for; what goes wrong there, it meets.

        Raises:
            Exception: Whatever `fetch` or the work raises.
        """
        worker = greenlet(work)
        result: T = worker.switch()
        while not worker.dead:
            try:
                # A chunk may be there already; others have their turn all the same.
                await asyncio.sleep(0)
                chunk = await self.fetch()
            except BaseException as exc:  # noqa: BLE001 -- the work raises it again
                result = worker.throw(exc)
            else:
                result = worker.switch(chunk)
        return result
