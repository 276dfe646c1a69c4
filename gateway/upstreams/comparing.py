"""An upstream's own sums of usage, compared with those of the store."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from gateway.store.known_jobs import JobScope

# From a window's start and end to milliseconds and jobs by category.
ReadsUsage = Callable[
    [JobScope, datetime, datetime], Awaitable[Mapping[str, tuple[int, int]]]
]

# More categories than these are counted, and not named.
NAMED = 3


def to_difference(
    theirs: Mapping[str, int], ours: Mapping[str, tuple[int, int]]
) -> str | None:
    """Say how sums differ by more than what rounding each job does.

    Args:
        theirs: The upstream's ms, by category.
        ours: The store's ms and jobs, by category.

    Returns:
        A text to show; None where they agree.
    """
    told = []
    for category in sorted(theirs.keys() | ours.keys()):
        their_ms = theirs.get(category, 0)
        our_ms, jobs = ours.get(category, (0, 0))
        if abs(their_ms - our_ms) > jobs:
            told.append(f"{category}: {their_ms:,} ms there, {our_ms:,} ms here")
    if not told:
        return None
    more = f", and {len(told) - NAMED} more categories" if len(told) > NAMED else ""
    return f"its own summary differs: {'; '.join(told[:NAMED])}{more}"
