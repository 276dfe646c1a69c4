"""The schema's text to a schema of graphql-core alone, with scalars of its own."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from graphql import (
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
)

from gateway.schema.contract import to_sdl

MAX_EXACT = 2**53 - 1


def to_big_int(value: int) -> int | str:
    """Give a number as JSON can hold it."""
    return value if abs(value) <= MAX_EXACT else str(value)


def to_decimal(value: Decimal) -> str:
    """Give an amount without zeros at its end."""
    whole, _, rest = f"{value:.9f}".partition(".")
    return f"{whole}.{rest.rstrip('0')}".rstrip(".")


def same(value: Any) -> Any:  # noqa: ANN401 -- whatever it is
    """Give the value itself."""
    return value


SCALARS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "BigInt": (to_big_int, int),
    "DateTime": (same, datetime.fromisoformat),
    "Decimal": (to_decimal, Decimal),
    "TimeZone": (same, lambda value: ZoneInfo(value).key),
}


def set_scalar(
    scalar: GraphQLScalarType,
    to_output: Callable[[Any], Any],
    to_input: Callable[[Any], Any],
) -> None:
    """Give a scalar that has only a name what it does."""
    scalar.serialize = scalar.coerce_output_value = to_output  # type: ignore[method-assign, assignment]  # as its own constructor does
    scalar.parse_value = scalar.coerce_input_value = to_input  # type: ignore[method-assign, assignment]  # same


@cache
def non_null_roots() -> frozenset[str]:
    """Name the root fields that may not be null."""
    query = build_schema(to_sdl()).query_type
    fields = query.fields if query else {}
    return frozenset(
        name for name, field in fields.items() if isinstance(field.type, GraphQLNonNull)
    )


@cache
def plain_schema() -> GraphQLSchema:
    """Build the schema; its root fields may be null, to see what became of each."""
    schema = build_schema(to_sdl())
    for name, (to_output, to_input) in SCALARS.items():
        scalar = schema.type_map[name]
        if isinstance(scalar, GraphQLScalarType):
            set_scalar(scalar, to_output, to_input)
    for name in non_null_roots():
        field = schema.query_type.fields[name]  # type: ignore[union-attr]  # it has one
        field.type = field.type.of_type
    return schema


def resolve(parent: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:  # noqa: ANN401 -- a resolver
    """Give a member of a dict or an object, called where it is a function.

    As graphql-core's own default does, but for fields with an argument `source`.
    """
    found = (
        parent.get(info.field_name)
        if isinstance(parent, Mapping)
        else getattr(parent, info.field_name)
    )
    return found(info, **arguments) if callable(found) else found
