"""Work that is done again and again beside the requests."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

# Does the work, and gives the seconds to wait before it is done again.
Work = Callable[[], Awaitable[float]]

RETRY_S = 60.0

logger = logging.getLogger(__name__)


@asynccontextmanager
async def repeated(work: Work) -> AsyncIterator[None]:
    """Within the block, do the work again and again."""
    task = asyncio.create_task(repeat(work))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def repeat(work: Work) -> None:
    """Do the work without end; what goes wrong once does not stop it."""
    while True:
        pause_s = await attempt(work)
        await asyncio.sleep(pause_s)


async def attempt(work: Work) -> float:
    """Do the work once, and log what goes wrong: nobody waits for it."""
    try:
        return await work()
    except Exception:
        logger.exception("work beside the requests failed unexpectedly")
        return RETRY_S
