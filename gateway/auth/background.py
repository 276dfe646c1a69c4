"""Periodic background tasks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

# Does the work, and returns the seconds to wait before it is repeated.
Work = Callable[[], Awaitable[float]]

RETRY_S = 60.0

logger = logging.getLogger(__name__)


@asynccontextmanager
async def repeated(work: Work) -> AsyncIterator[None]:
    """Within the block, repeat the work in the background."""
    task = asyncio.create_task(repeat(work))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def repeat(work: Work) -> None:
    """Repeat the work without end, whatever fails."""
    while True:
        pause_s = await attempt(work)
        await asyncio.sleep(pause_s)


async def attempt(work: Work) -> float:
    """Do the work once, and log any failure."""
    try:
        return await work()
    except Exception:
        logger.exception("work beside the requests failed unexpectedly")
        return RETRY_S
