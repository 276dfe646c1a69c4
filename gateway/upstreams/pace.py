"""Limits the rate of requests to an upstream, and honours its `Retry-After`."""

import asyncio
import time
from collections.abc import Callable


class Pace:
    """Spaces requests evenly.

    Args:
        requests_per_s: How many at the most; None is any number.
        clock: A monotonic clock, in seconds.
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
        """Wait until a request may be sent."""
        delay_s = self.next_s - self.clock()
        if delay_s > 0:
            await asyncio.sleep(delay_s)
            # Meanwhile others may have been sent, or a pause may have begun.
            await self.wait()
            return
        self.next_s = max(self.next_s, self.clock()) + self.gap_s

    def pause(self, duration_s: float) -> None:
        """Send nothing for some time."""
        self.next_s = max(self.next_s, self.clock() + duration_s)
