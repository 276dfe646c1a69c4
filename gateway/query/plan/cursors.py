"""Keyset positions to opaque cursors and back.

A cursor carries a fingerprint of the list it was made for: account, entity, order and
filter. Used with another list, it is refused.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import blake2b
from typing import Any

import orjson

from gateway.errors import CursorError

# The value of the ORDER BY column, and the key that breaks ties.
Position = tuple[int | str, int]

MAX_CURSOR_LENGTH = 2_048
INT64_LIMIT = 2**63


def make_fingerprint(*parts: object) -> str:
    """Hash what identifies a list to a short text."""
    return blake2b(repr(parts).encode(), digest_size=6).hexdigest()


def encode_cursor(fingerprint: str, value: object, key: int) -> str:
    """Encode a position in the list of a fingerprint."""
    return urlsafe_b64encode(orjson.dumps((fingerprint, value, key))).decode()


def decode_cursor(cursor: str, fingerprint: str, argument: str) -> Position:
    """Decode the cursor given for an argument, `after` or `before`.

    Raises:
        CursorError: It is no cursor, or belongs to a list with another order or filter.
    """
    found = parse_cursor(cursor)
    if found is None:
        raise CursorError(
            f"{argument} is no cursor; give a cursor, startCursor or endCursor of this"
            " list as it was returned"
        )
    if found[0] != fingerprint:
        raise CursorError(
            f"{argument} is a cursor of another list; use it with the same filter and"
            " orderBy, or start again without it"
        )
    return found[1], found[2]


def parse_cursor(cursor: str) -> tuple[str, int | str, int] | None:
    """Parse a cursor to fingerprint, value and key; None where it is not one."""
    if len(cursor) > MAX_CURSOR_LENGTH:
        return None
    try:
        content: Any = orjson.loads(urlsafe_b64decode(cursor.encode("ascii")))
    except (Base64Error, ValueError):
        return None
    match content:
        case [str(), int() | str() as value, int(key)] if fits(value) and fits(key):
            return content[0], value, key
        case _:
            return None


def fits(value: int | str) -> bool:
    """Tell whether a database accepts a value as text or a 64-bit integer."""
    if isinstance(value, str):
        return "\0" not in value
    return not isinstance(value, bool) and -INT64_LIMIT <= value < INT64_LIMIT
