"""Long work that lets the event loop's other tasks run in between."""

import asyncio
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

# Decoding so many documents takes a millisecond or two.
TURN_ITEMS = 20


async def collect(items: Iterable[T]) -> list[T]:
    """List what an iterator computes, letting other tasks run after every few items."""
    found: list[T] = []
    for item in items:
        found.append(item)
        if len(found) % TURN_ITEMS == 0:
            await asyncio.sleep(0)
    return found
