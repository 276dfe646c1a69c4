"""How fast an upstream is asked: so often a second, and not before it wants to be."""

import asyncio
import time
from collections.abc import Callable


class Pace:
    """Lets requests go one after the other, each at its time.

    Args:
        requests_per_s: How many at the most; None is as many as there are.
        clock: In seconds, and never set back.
    """

    def __init__(
        self,
        requests_per_s: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.gap_s = 0 if requests_per_s is None else 1 / requests_per_s
        self.clock = clock
        self.next_s = clock()

    async def wait(self) -> None:
        """Wait until a request may go."""
        delay_s = self.next_s - self.clock()
        if delay_s > 0:
            await asyncio.sleep(delay_s)
            # Others may have gone meanwhile, or all been told to wait.
            await self.wait()
            return
        self.next_s = max(self.next_s, self.clock()) + self.gap_s

    def pause(self, duration_s: float) -> None:
        """Let no request go for some time."""
        self.next_s = max(self.next_s, self.clock() + duration_s)
