"""The residue: what a document says beyond its record, so that it can be restored.

A residue is a patch of the record's canonical encoding: `set` gives keys another value,
`unset` removes keys, `in` patches nested objects, and lists by position.
It is empty where the document is the canonical encoding.
"""

import re
from collections.abc import Mapping

import orjson

from gateway.errors import DecodeError
from gateway.records import JsonValue

JsonObject = dict[str, JsonValue]

# An escaped NUL, not an escaped backslash followed by "u0000".
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def to_residue(document: JsonObject, encoded: JsonObject) -> JsonObject:
    """Make the patch that turns a canonical encoding into the document.

    Raises:
        DecodeError: The document holds what cannot be stored as JSON.
    """
    residue = diff(document, encoded)
    if residue:
        check_storable(residue)
    return residue


def restore(encoded: JsonObject, residue: Mapping[str, JsonValue]) -> JsonObject:
    """Patch a canonical encoding with a residue."""
    restored = dict(encoded)
    changed, removed, nested = (residue.get(key) for key in ("set", "unset", "in"))
    if isinstance(changed, dict):
        restored.update(changed)
    if isinstance(removed, list):
        for key in removed:
            restored.pop(str(key), None)
    if isinstance(nested, dict):
        for key, inner in nested.items():
            if isinstance(inner, dict):
                restored[key] = restore_nested(restored.get(key), inner)
    return restored


def known(encoded: JsonObject) -> JsonObject:
    """Leave out keys without a value, for formats that have no null."""
    return {key: value for key, value in encoded.items() if value is not None}


def is_same(left: JsonValue, right: JsonValue) -> bool:
    """Compare as JSON text: 1, 1.0 and true differ, and so do 0.0 and -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, str):
        return left == right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            is_same(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_same, left, right))
    if isinstance(left, float):
        return repr(left) == repr(right)
    return left == right


def diff(document: JsonObject, encoded: JsonObject) -> JsonObject:
    """Make the patch from one object to another; it has no empty parts."""
    changed: JsonObject = {}
    nested: JsonObject = {}
    for key, value in document.items():
        if key not in encoded:
            changed[key] = value
            continue
        inner = diff_nested(value, encoded[key])
        if inner:
            nested[key] = inner
        elif inner is None and not is_same(value, encoded[key]):
            changed[key] = value
    removed: list[JsonValue] = [key for key in encoded if key not in document]
    parts: JsonObject = {"set": changed, "unset": removed, "in": nested}
    return {name: part for name, part in parts.items() if part}


def diff_nested(value: JsonValue, known: JsonValue) -> JsonObject | None:
    """Make the patch of objects or lists of one length; None for all else."""
    if isinstance(value, dict) and isinstance(known, dict):
        return diff(value, known)
    if isinstance(value, list) and isinstance(known, list) and len(value) == len(known):
        return diff(by_position(value), by_position(known))
    return None


def restore_nested(known: JsonValue, residue: JsonObject) -> JsonValue:
    """Patch a nested object or list; any other value stays."""
    if isinstance(known, dict):
        return restore(known, residue)
    if isinstance(known, list):
        return list(restore(by_position(known), residue).values())
    return known


def by_position(values: list[JsonValue]) -> JsonObject:
    """Key the elements of a list by position."""
    return {str(position): value for position, value in enumerate(values)}


def check_storable(residue: JsonObject) -> None:
    """Check that a residue can be stored as JSON.

    Raises:
        DecodeError: A NUL, a lone surrogate, an integer beyond 64 bits, NaN, infinity,
            or more than 250 levels.
    """
    try:
        text = orjson.dumps(residue)
    except TypeError as exc:
        raise DecodeError(
            f"the document cannot be kept as JSON: {exc}; right are UTF-8 text,"
            " integers of 64 bits and at most 250 levels"
        ) from exc
    if NUL.search(text):
        raise DecodeError(
            "the document has text with a NUL character; right is text without"
        )
    # orjson writes null for what is no JSON number.
    if not is_same(residue, orjson.loads(text)):
        raise DecodeError(
            "the document has NaN or infinity; right are finite JSON numbers"
        )
