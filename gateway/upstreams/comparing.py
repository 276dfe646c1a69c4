"""Compares an upstream's own usage with the store's."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from gateway.store.known_jobs import JobScope

# From a window's start and end to milliseconds and jobs by category.
ReadUsage = Callable[
    [JobScope, datetime, datetime], Awaitable[Mapping[str, tuple[int, int]]]
]

# Further categories are counted, and not named.
MAX_NAMED = 3


def to_difference(
    theirs: Mapping[str, int], ours: Mapping[str, tuple[int, int]]
) -> str | None:
    """Say how usage differs by more than a rounding error of 1 ms for each job.

    Args:
        theirs: The upstream's ms, by category.
        ours: The store's ms and jobs, by category.

    Returns:
        A message; None where it does not.
    """
    differences = []
    for category in sorted(theirs.keys() | ours.keys()):
        their_ms = theirs.get(category, 0)
        our_ms, jobs = ours.get(category, (0, 0))
        if abs(their_ms - our_ms) > jobs:
            differences.append(f"{category}: {their_ms:,} ms there, {our_ms:,} ms here")
    if not differences:
        return None
    more = len(differences) - MAX_NAMED
    rest = f", and {more} more categories" if more > 0 else ""
    return f"its own summary differs: {'; '.join(differences[:MAX_NAMED])}{rest}"
