"""Custom scalars: 64-bit integers, instants, decimals, time zones."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal as PythonDecimal
from typing import Any, NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import strawberry
from graphql import IntValueNode, StringValueNode, ValueNode, print_ast
from strawberry.types.scalar import ScalarDefinition

from gateway.instants import is_rfc3339, parse_rfc3339

BigInt = NewType("BigInt", int)
DateTime = NewType("DateTime", datetime)
Decimal = NewType("Decimal", PythonDecimal)
TimeZone = NewType("TimeZone", str)

INT64_LIMIT = 2**63
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})")


def parse_big_int(value: object) -> int:
    """Parse a 64-bit integer, given as a number or as text."""
    is_text = isinstance(value, str) and INTEGER.fullmatch(value)
    is_whole = isinstance(value, float) and value.is_integer()
    found = int(value) if is_text or is_whole else value  # type: ignore[call-overload]
    if isinstance(found, bool) or not isinstance(found, int):
        raise ValueError(  # noqa: TRY004 -- what graphql-core expects of a scalar
            f"BigInt cannot represent {shorten(value)}; give a whole number, as number"
            " or as text"
        )
    if not -INT64_LIMIT <= found < INT64_LIMIT:
        raise ValueError(
            f"BigInt cannot represent {shorten(value)}; it has 64 bits, from"
            " -9223372036854775808 to 9223372036854775807"
        )
    return found


def parse_big_int_literal(
    node: ValueNode, _variables: Mapping[str, Any] | None = None
) -> int:
    """Parse a literal; `parse_big_int` parses variables."""
    if isinstance(node, IntValueNode | StringValueNode):
        return parse_big_int(node.value)
    return parse_big_int(print_ast(node))


def parse_instant(value: object) -> datetime:
    """Parse an RFC 3339 instant; digits beyond the microsecond are cut off."""
    if not isinstance(value, str) or not is_rfc3339(value):
        raise ValueError(
            f"DateTime cannot represent {shorten(value)}; give RFC 3339 with an offset,"
            " such as 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00"
        )
    try:
        return parse_rfc3339(value)
    except ValueError as exc:
        raise ValueError(f"DateTime cannot represent {value!r}: {exc}") from exc


def parse_decimal(value: object) -> PythonDecimal:
    """Parse a finite decimal from text."""
    found = PythonDecimal(str(value)) if is_decimal(value) else None
    if found is None:
        raise ValueError(
            f"Decimal cannot represent {shorten(value)}; give text such as '12.50'"
        )
    return found


def is_decimal(value: object) -> bool:
    """Tell whether a value is the text of a decimal without exponent."""
    return isinstance(value, str) and bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value))


def parse_time_zone(value: object) -> str:
    """Parse the name of an IANA time zone."""
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError(
            f"TimeZone cannot represent {shorten(value)}; give an IANA name such as"
            " Europe/Paris or UTC"
        ) from exc


def shorten(value: object) -> str:
    """Give a value's text for an error message, shortened."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 -- fits a line


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="Integer of 64 bits. A JSON number within ±(2^53 - 1), which every"
        " JSON reader keeps exact; text beyond. Takes both as input.",
        serialize=lambda value: value,
        parse_value=parse_big_int,
        parse_literal=parse_big_int_literal,
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description="Instant as RFC 3339, to the microsecond. Given in UTC with `Z`;"
        " as input any offset is taken, and one is required:"
        " `2026-01-31T13:00:00+01:00`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=lambda value: value,
        parse_value=parse_instant,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="Exact decimal number as text, such as `0.08`; never NaN or"
        " infinite.",
        serialize=str,
        parse_value=parse_decimal,
    ),
    TimeZone: strawberry.scalar(
        name="TimeZone",
        description="Name of an IANA time zone, such as `Europe/Paris` or `UTC`.",
        serialize=str,
        parse_value=parse_time_zone,
    ),
}
