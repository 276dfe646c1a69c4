"""Query strings to values; each parameter says how it is read and described, once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from gateway.dialects.instants import parse_iso
from gateway.dialects.residue import JsonObject
from gateway.errors import InputError, RequestError
from gateway.web.query_string import to_parameters

T = TypeVar("T")

MAX_QUERY_BYTES = 8_192
SHOWN_CHARACTERS = 80
FLAGS = {"true": True, "false": False}
# An offset whose plus sign came bare, which means a blank in a query string.
BLANK_FOR_PLUS = re.compile(r"(:\d\d(?:[.,]\d+)?) (\d\d:?\d\d)$", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Generic[T]):
    """One parameter of a query string.

    Attributes:
        schema: What OpenAPI says of its values.
        read: Makes the value; a ValueError says no more than that it is not right.
        right: What would be, for the error.
        is_list: Whether it may be given more than once.
    """

    name: str
    description: str
    schema: JsonObject
    read: Callable[[str], T]
    right: str
    is_required: bool = False
    is_list: bool = False

    def parse(self, given: str) -> T:
        """Read one value.

        Raises:
            InputError: It is not right.
        """
        try:
            return self.read(given)
        except ValueError as exc:
            raise InputError(
                f"{self.name} is {given[:SHOWN_CHARACTERS]!r}; give {self.right}"
            ) from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The parameters of a request; those that nobody asks for are ignored.

    Attributes:
        pairs: Names and values, in order.
        known: The parameters that may be asked for, which are described, too.
    """

    pairs: Sequence[tuple[str, str]]
    known: Sequence[Parameter[Any]] | None = None

    def all(self, parameter: Parameter[T]) -> list[T]:
        """Give all values of a parameter; an empty one restricts no text.

        Raises:
            InputError: One is not right.
        """
        if self.known is not None and parameter not in self.known:
            raise TypeError(f"{parameter.name} is read and not described")
        return [
            parameter.parse(value)
            for name, value in self.pairs
            if name == parameter.name and (value or parameter.read is not str)
        ]

    def one(self, parameter: Parameter[T]) -> T | None:
        """Give the value of a parameter that comes once; None where it is absent.

        Raises:
            InputError: It is there twice, or not right.
        """
        found = self.all(parameter)
        if len(found) > 1:
            raise InputError(f"{parameter.name} is given twice; give it once")
        return found[0] if found else None

    def need(self, parameter: Parameter[T]) -> T:
        """Give the value of a parameter that must be there.

        Raises:
            InputError: It is not, or see `one`.
        """
        found = self.one(parameter)
        if found is None:
            raise InputError(f"{parameter.name} is missing; give {parameter.right}")
        return found


def parse_query(
    query_string: bytes, known: Sequence[Parameter[Any]] | None = None
) -> Query:
    """Split a query string.

    Args:
        query_string: As it came.
        known: See `Query`.

    Raises:
        RequestError: It is too long, or not readable.
    """
    if len(query_string) > MAX_QUERY_BYTES:
        raise RequestError(
            f"the query string has {len(query_string)} bytes; give at most"
            f" {MAX_QUERY_BYTES}"
        )
    return Query(pairs=to_parameters(query_string), known=known)


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
    """Make a parameter that may be given more than once."""
    return Parameter(
        name=name,
        description=description,
        schema={"type": "array", "items": {"type": "string"}},
        read=str,
        right="a text",
        is_list=True,
    )


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
    """Make a parameter that is an instant of ISO 8601; UTC where it has no offset."""

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
    """Make a parameter that is one of some words, whatever their case."""

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
    """Make a parameter that is true or false, also as Python writes them."""

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
