"""Positions to opaque cursors and back.

A cursor carries a fingerprint of the list it was made for: account, entity, order and
filter. Used with another list it is refused rather than answered with a wrong page.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import blake2b
from typing import Any

import orjson

from gateway.errors import CursorError

# The value of the order's column, and the key that breaks ties.
Position = tuple[int | str, int]

MAX_CURSOR_LENGTH = 2_048
INT64_LIMIT = 2**63


def fingerprint(*parts: object) -> str:
    """Give a short text that tells lists apart."""
    return blake2b(repr(parts).encode(), digest_size=6).hexdigest()


def to_cursor(mark: str, value: object, key: int) -> str:
    """Encode a position in the list with the fingerprint `mark`."""
    return urlsafe_b64encode(orjson.dumps((mark, value, key))).decode()


def read_cursor(cursor: str, mark: str, argument: str) -> Position:
    """Decode the cursor given for an argument, `after` or `before`.

    Raises:
        CursorError: It is no cursor, or one of a list with another order or filter.
    """
    found = decode(cursor)
    if found is None:
        raise CursorError(
            f"{argument} is no cursor; give a cursor, startCursor or endCursor of this"
            " list as it was returned"
        )
    if found[0] != mark:
        raise CursorError(
            f"{argument} is a cursor of another list; use it with the same filter and"
            " orderBy, or start again without it"
        )
    return found[1], found[2]


def decode(cursor: str) -> tuple[str, int | str, int] | None:
    """Decode a cursor; None where it is not one."""
    if len(cursor) > MAX_CURSOR_LENGTH:
        return None
    try:
        content: Any = orjson.loads(urlsafe_b64decode(cursor.encode("ascii")))
    except (Base64Error, ValueError):
        return None
    match content:
        case [str(mark), int() | str() as value, int(key)] if fits(value) and fits(key):
            return mark, value, key
        case _:
            return None


def fits(value: int | str) -> bool:
    """Tell whether the database can compare a value with a column."""
    if isinstance(value, str):
        return "\0" not in value
    return not isinstance(value, bool) and -INT64_LIMIT <= value < INT64_LIMIT
