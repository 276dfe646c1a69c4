"""A list in Python to the page of it that a connection's arguments ask for.

By the Relay specification, with lists as they are: nothing here knows a database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gateway.errors import ErrorCode

T = TypeVar("T")
Object = Mapping[str, Any]
# Stands for every text that is no cursor of the list.
BAD_CURSOR = "no cursor"


class RefusedError(Exception):
    """A field has no answer; only the code is compared."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code.value)
        self.code = code


class Cursor(str):
    """A cursor of the plain side: the type of the list and the number of the row."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """A list that pages are taken of.

    Attributes:
        rank: What items are sorted by; no two have the same.
        number: The number of an item, which cursors are made of.
        find: Finds an item by its number, also one that is not in this list.
        make: Makes the GraphQL object of an item.
        measure: Gives an item's part of a group of usage, where the list is behind one.
    """

    type_name: str
    items: Sequence[T]
    rank: Callable[[T], Any]
    number: Callable[[T], int]
    find: Callable[[int], T]
    make: Callable[[T], Object]
    measure: Callable[[T], int | None] = lambda _: None
    is_descending: bool = False


def to_connection(listing: Listing[T], arguments: Mapping[str, Any]) -> Object:
    """Give the page that the arguments ask for, as a GraphQL object."""
    size, is_backward = to_size(arguments)
    rows = sorted(listing.items, key=listing.rank, reverse=listing.is_descending)
    start = count_until(listing, rows, arguments.get("after"), 0)
    stop = count_before(listing, rows, arguments.get("before"), len(rows))
    inside = max(0, stop - start)
    first = max(start, stop - size) if is_backward else start
    page = rows[first : min(stop, first + size)]
    cursors = [to_cursor(listing, row) for row in page]
    is_cut = inside > size
    return {
        "nodes": [listing.make(row) for row in page],
        "edges": [
            {
                "cursor": cursor,
                "node": listing.make(row),
                "lengthMs": listing.measure(row),
            }
            for cursor, row in zip(cursors, page, strict=True)
        ],
        "pageInfo": {
            "hasPreviousPage": start > 0 or (is_backward and is_cut),
            "hasNextPage": stop < len(rows) or (not is_backward and is_cut),
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
        "totalCount": len(rows),
        "countUpTo": lambda _, limit: to_bounded(len(rows), limit),
    }


def to_bounded(count: int, limit: int) -> int:
    """Give a count, but no more than a limit."""
    if limit < 0:
        raise RefusedError(ErrorCode.BAD_USER_INPUT)
    return min(count, limit)


def to_size(arguments: Mapping[str, Any]) -> tuple[int, bool]:
    """Read how many rows are wanted, and whether from the list's end."""
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise RefusedError(ErrorCode.BAD_USER_INPUT)
    size: int = next((found for found in (first, last) if found is not None), 50)
    if not 0 <= size <= 100:
        raise RefusedError(ErrorCode.BAD_USER_INPUT)
    return size, last is not None


def count_until(
    listing: Listing[T], rows: Sequence[T], cursor: str | None, otherwise: int
) -> int:
    """Count the rows up to a cursor and with it."""
    if cursor is None:
        return otherwise
    at = listing.rank(find(listing, cursor))
    if listing.is_descending:
        return sum(listing.rank(row) >= at for row in rows)
    return sum(listing.rank(row) <= at for row in rows)


def count_before(
    listing: Listing[T], rows: Sequence[T], cursor: str | None, otherwise: int
) -> int:
    """Count the rows ahead of a cursor."""
    if cursor is None:
        return otherwise
    at = listing.rank(find(listing, cursor))
    if listing.is_descending:
        return sum(listing.rank(row) > at for row in rows)
    return sum(listing.rank(row) < at for row in rows)


def to_cursor(listing: Listing[T], row: T) -> Cursor:
    """Make the cursor of a row."""
    return Cursor(f"{listing.type_name} {listing.number(row)}")


def find(listing: Listing[T], cursor: str) -> T:
    """Give the item a cursor was made of."""
    type_name, _, number = cursor.partition(" ")
    if type_name != listing.type_name:
        raise RefusedError(ErrorCode.INVALID_CURSOR)
    return listing.find(int(number))
