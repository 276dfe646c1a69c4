"""A time limit that ends early when the client disconnects."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.errors import DeadlineError

# Most operations end sooner, and then cost a timer instead of a task.
WATCH_AFTER_S = 0.2

T = TypeVar("T")


class DisconnectWatch:
    """A time limit; inside a `with` block it ends at once if the client disconnects.

    The block begins after the body was read: both read from `receive`.

    Attributes:
        timeout_s: None sets no limit but the disconnect.
        is_gone: Whether the client disconnected inside the block.
    """

    def __init__(self, receive: Receive, timeout_s: float | None) -> None:
        self.receive = receive
        self.timeout_s = timeout_s
        self.limit = asyncio.timeout(timeout_s)
        self.is_gone = False
        self.task: asyncio.Task[None] | None = None

    async def in_time(self, work: Awaitable[T]) -> T:
        """Await work within the limit.

        Raises:
            DeadlineError: It took too long.
            ClientDisconnect: The client is gone.
        """
        try:
            async with self.limit:
                return await work
        except TimeoutError as exc:
            if self.is_gone:
                raise ClientDisconnect from exc
            if not self.limit.expired():
                raise
            raise DeadlineError(
                f"the request took longer than {self.timeout_s:g} s; ask for less or"
                " for smaller pages"
            ) from exc

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
        """Start the task that waits for the disconnect."""
        self.task = asyncio.get_running_loop().create_task(self.watch())

    async def watch(self) -> None:
        """Wait for the disconnect, and end the limit."""
        while (await self.receive())["type"] != "http.disconnect":
            continue
        self.is_gone = True
        self.limit.reschedule(asyncio.get_running_loop().time())
