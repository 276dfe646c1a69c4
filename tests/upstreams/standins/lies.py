"""What is not true of a page: it is true again when it is asked for again."""

from collections.abc import Sequence
from enum import Enum
from random import Random

from tests.upstreams.standins.book import Version


class Lie(Enum):
    """How a page may come instead of as it is."""

    BEFORE = "the page before it"
    AFTER = "the page after it"
    SHUFFLED = "in another order"
    SHORT = "without some of its jobs"
    TWICE = "with some jobs twice"


def to_page(
    versions: Sequence[Version], offset: int, limit: int, lie: Lie | None
) -> Sequence[Version]:
    """Cut a page out of a list, or what comes instead of it."""
    if lie is Lie.BEFORE:
        offset = max(0, offset - limit)
    elif lie is Lie.AFTER:
        offset += limit
    page = list(versions[offset : offset + limit])
    if lie is Lie.SHUFFLED:
        Random(offset).shuffle(page)  # noqa: S311 -- an order is no secret
    elif lie is Lie.SHORT:
        del page[len(page) // 3 : len(page) // 2]
    elif lie is Lie.TWICE:
        page += page[len(page) // 2 : len(page) * 2 // 3]
    return page
