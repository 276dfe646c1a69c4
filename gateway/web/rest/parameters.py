"""Query parameters: each states once how it is parsed and described."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from gateway.dialects.instants import parse_iso
from gateway.dialects.residue import JsonObject
from gateway.errors import InputError, RequestError
from gateway.web.query_string import parse_query_string

T = TypeVar("T")

MAX_QUERY_BYTES = 8_192
SHOWN_CHARACTERS = 80
FLAGS = {"true": True, "false": False}
# An offset whose plus sign was not percent-encoded, so that it decoded to a blank.
BLANK_FOR_PLUS = re.compile(r"(:\d\d(?:[.,]\d+)?) (\d\d:?\d\d)$", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Generic[T]):
    """One parameter of a query string.

    Attributes:
        schema: The JSON Schema of its values, for OpenAPI.
        read: Parses a value; raises a ValueError without a message for the client.
        right: A description of valid values, for the error message.
    """

    name: str
    description: str
    schema: JsonObject
    read: Callable[[str], T]
    right: str
    is_required: bool = False

    def parse(self, given: str) -> T:
        """Parse one value.

        Raises:
            InputError: It is invalid.
        """
        try:
            return self.read(given)
        except ValueError as exc:
            raise InputError(
                f"{self.name} is {given[:SHOWN_CHARACTERS]!r}; give {self.right}"
            ) from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The query parameters of a request; unknown ones are ignored.

    Attributes:
        pairs: Names and values, in order.
        known: Only these may be read: OpenAPI describes them; None: any may.
    """

    pairs: Sequence[tuple[str, str]]
    known: Sequence[Parameter[Any]] | None = None

    def all(self, parameter: Parameter[T]) -> list[T]:
        """Give all values of a parameter; an empty text counts as absent.

        Raises:
            InputError: One is invalid.
        """
        if self.known is not None and parameter not in self.known:
            raise TypeError(f"{parameter.name} is read and not described")
        return [
            parameter.parse(value)
            for name, value in self.pairs
            if name == parameter.name and (value or parameter.read is not str)
        ]

    def one(self, parameter: Parameter[T]) -> T | None:
        """Give the value of a parameter that may come once; None if it is absent.

        Raises:
            InputError: It comes twice, or is invalid.
        """
        found = self.all(parameter)
        if len(found) > 1:
            raise InputError(f"{parameter.name} is given twice; give it once")
        return found[0] if found else None

    def need(self, parameter: Parameter[T]) -> T:
        """Give the value of a required parameter.

        Raises:
            InputError: It is absent, comes twice, or is invalid.
        """
        found = self.one(parameter)
        if found is None:
            raise InputError(f"{parameter.name} is missing; give {parameter.right}")
        return found


def parse_parameters(
    query_string: bytes, known: Sequence[Parameter[Any]] | None = None
) -> Parameters:
    """Parse a query string.

    Args:
        query_string: The request's.
        known: See `Parameters`.

    Raises:
        RequestError: It is too long, or malformed.
    """
    if len(query_string) > MAX_QUERY_BYTES:
        raise RequestError(
            f"the query string has {len(query_string)} bytes; give at most"
            f" {MAX_QUERY_BYTES}"
        )
    return Parameters(pairs=parse_query_string(query_string), known=known)


def text(name: str, description: str) -> Parameter[str]:
    """Make a parameter that is any text."""
    return Parameter(
        name=name,
        description=description,
        schema={"type": "string"},
        read=str,
        right="a text",
    )


def words(name: str, description: str) -> Parameter[str]:
    """Make a parameter that is any text, and may be given more than once."""
    schema: JsonObject = {"type": "array", "items": {"type": "string"}}
    return replace(text(name, description), schema=schema)


def integer(
    name: str, description: str, *, least: int, most: int, default: int | None = None
) -> Parameter[int]:
    """Make a parameter that is an integer."""

    def read(given: str) -> int:
        if not (given.isascii() and given.isdecimal() and len(given) <= len(str(most))):
            raise ValueError(given)
        if not least <= int(given) <= most:
            raise ValueError(given)
        return int(given)

    schema: JsonObject = {"type": "integer", "minimum": least, "maximum": most}
    return Parameter(
        name=name,
        description=description,
        schema=schema if default is None else schema | {"default": default},
        read=read,
        right=f"an integer from {least} to {most}",
    )


def instant(
    name: str, description: str, *, is_required: bool = False
) -> Parameter[datetime]:
    """Make a parameter that is an instant of ISO 8601, in UTC if it has no offset."""

    def read(given: str) -> datetime:
        return parse_iso(BLANK_FOR_PLUS.sub(r"\1+\2", given))

    return Parameter(
        name=name,
        description=description,
        schema={"type": "string", "format": "date-time"},
        read=read,
        right="an instant of ISO 8601, such as 2024-05-01T12:00:00Z",
        is_required=is_required,
    )


def choice(name: str, description: str, among: Sequence[str]) -> Parameter[str]:
    """Make a parameter that is one of some words, in any case."""

    def read(given: str) -> str:
        if given.lower() not in among:
            raise ValueError(given)
        return given.lower()

    return Parameter(
        name=name,
        description=description,
        schema={"type": "string", "enum": list(among)},
        read=read,
        right=" or ".join((", ".join(among[:-1]), among[-1])),
    )


def flag(name: str, description: str) -> Parameter[bool]:
    """Make a parameter that is true or false, in any case."""

    def read(given: str) -> bool:
        if given.lower() not in FLAGS:
            raise ValueError(given)
        return FLAGS[given.lower()]

    return Parameter(
        name=name,
        description=description,
        schema={"type": "boolean"},
        read=read,
        right="true or false",
    )
