"""The fields of a JSON object to checked values, with errors that name the field."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Self

import orjson

from gateway.dialects.instants import parse_iso, seconds_to_ms
from gateway.dialects.residue import JsonObject
from gateway.errors import DecodeError
from gateway.records import JsonValue

MIN_INT32 = -(2**31)
MAX_INT32 = 2**31 - 1
MAX_INT64 = 2**63 - 1
# Names are in indexes, and PostgreSQL's index rows end at 2,704 bytes.
MAX_NAME_CHARS = 255
SHOWN_CHARS = 60


def shorten_value(found: object) -> str:
    """Show a value in a message, a long one in part."""
    text = repr(found)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}..."


def wrong(path: str, found: object, right: str) -> DecodeError:
    """Make the error for a field, with its name, the value found and what is right."""
    return DecodeError(f"{path} is {shorten_value(found)}; right is {right}")


def did_you_mean(word: str, right: Iterable[str]) -> str:
    """Suggest the closest of the right words, or list them all."""
    words = tuple(right)
    close = get_close_matches(word, words, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; right are {', '.join(words)}"


def to_fields(document: object) -> "Fields":
    """Wrap a whole document.

    Raises:
        DecodeError: It is no JSON object.
    """
    if not isinstance(document, dict):
        raise wrong("the document", document, "a JSON object")
    return Fields(values=document)


def to_json_text(path: str, value: JsonValue) -> str:
    """Write a value as JSON where text is kept, such as a status of 7.

    Raises:
        DecodeError: It has no form in JSON.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError as exc:
        raise wrong(path, value, "text") from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """One JSON object being read; absent and null are the same to it.

    Every method raises DecodeError for a value of another type or out of range.

    Attributes:
        path: Of the object in its document, with a final dot.
    """

    values: JsonObject
    path: str = ""

    def text(self, key: str) -> str | None:
        """Read text of any length."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise wrong(self.path + key, value, "text")
        if not is_storable(value):
            raise wrong(self.path + key, value, "text without NUL and lone surrogates")
        return value

    def name(self, key: str) -> str | None:
        """Read text of at most 255 characters."""
        value = self.text(key)
        if value is not None and len(value) > MAX_NAME_CHARS:
            right = f"text of at most {MAX_NAME_CHARS} characters"
            raise wrong(self.path + key, value, right)
        return value

    def identifier(self, key: str) -> str:
        """Read text of 1 to 255 characters that has to be there."""
        value = self.name(key)
        if not value:
            right = f"text of 1 to {MAX_NAME_CHARS} characters"
            raise wrong(self.path + key, self.values.get(key), right)
        return value

    def key_prefix(self, key: str) -> str | None:
        """Read the public half of an access key `prefix.body`; no error shows it."""
        value = self.values.get(key)
        if value is None:
            return None
        prefix = value.partition(".")[0] if isinstance(value, str) else "\0"
        if len(prefix) > MAX_NAME_CHARS or not is_storable(prefix):
            right = f"the prefix of an access key, at most {MAX_NAME_CHARS} characters"
            raise DecodeError(f"{self.path}{key} is no such text; right is {right}")
        return prefix

    def flag(self, key: str) -> bool | None:
        """Read true or false."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise wrong(self.path + key, value, "true or false")
        return value

    def number(self, key: str) -> int | float | None:
        """Read a finite number."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(self.path + key, value, "a number")
        if not math.isfinite(value):
            raise wrong(self.path + key, value, "a finite number")
        return value

    def integer(self, key: str, *, least: int = 0, most: int = MAX_INT64) -> int | None:
        """Read a whole number in a range; `2.0` is one."""
        value = self.number(key)
        if value is None:
            return None
        if value != int(value) or not least <= value <= most:
            raise wrong(self.path + key, value, f"an integer from {least} to {most}")
        return int(value)

    def count(self, key: str) -> int | None:
        """Read a number of items, 0 to 2^31 - 1."""
        return self.integer(key, most=MAX_INT32)

    def seconds_ms(self, key: str) -> int | None:
        """Read seconds as whole milliseconds, 0 to 2^63 - 1."""
        value = self.number(key)
        if value is None:
            return None
        ms = seconds_to_ms(value)
        if not 0 <= ms <= MAX_INT64:
            raise wrong(
                self.path + key, value, f"seconds from 0 to {MAX_INT64 // 1000}"
            )
        return ms

    def instant(
        self,
        key: str,
        parse: Callable[[str], datetime] = parse_iso,
        right: str = "an ISO 8601 instant such as '2024-05-01T12:00:00.000+00:00'",
    ) -> datetime | None:
        """Read an instant.

        Args:
            key: The field.
            parse: Reads the text, raising ValueError.
            right: What to say is right when it does not.
        """
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise wrong(self.path + key, value, right)
        try:
            return parse(value)
        except ValueError as exc:
            raise wrong(self.path + key, value, right) from exc

    def inner(self, key: str) -> Self | None:
        """Read a nested object."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise wrong(self.path + key, value, "an object")
        return type(self)(values=value, path=f"{self.path}{key}.")

    def elements(self, key: str) -> list[JsonValue]:
        """Read a list; absent is empty."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise wrong(self.path + key, value, "a list")
        return value

    def at(self, key: str, position: int, value: JsonValue) -> Self:
        """Wrap an object that is in a list."""
        path = f"{self.path}{key}[{position}]"
        if not isinstance(value, dict):
            raise wrong(path, value, "an object")
        return type(self)(values=value, path=f"{path}.")


def is_storable(text: str) -> bool:
    """Tell whether all databases can store the text: PostgreSQL refuses NUL."""
    if "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
