"""A client that is gone, noticed while its operation runs."""

import asyncio
from types import TracebackType

from starlette.types import Receive

# Most operations end sooner, and then cost a timer instead of a task.
WATCH_AFTER_S = 0.2


class DisconnectWatch:
    """Lets a time limit end at once when the client goes.

    Attributes:
        is_gone: Whether it went while being watched.
    """

    def __init__(self, receive: Receive, limit: asyncio.Timeout) -> None:
        self.receive = receive
        self.limit = limit
        self.is_gone = False
        self.task: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(WATCH_AFTER_S, self.start)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.timer.cancel()
        if self.task is not None:
            self.task.cancel()

    def start(self) -> None:
        """Begin to watch."""
        self.task = asyncio.get_running_loop().create_task(self.watch())

    async def watch(self) -> None:
        """Wait for the client to go."""
        while (await self.receive())["type"] != "http.disconnect":
            continue
        self.is_gone = True
        self.limit.reschedule(asyncio.get_running_loop().time())
