from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLScalarType, parse_value

from gateway.schema.contract import to_schema

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def scalar(name: str) -> GraphQLScalarType:
    found = to_schema().get_type(name)
    assert isinstance(found, GraphQLScalarType)
    return found


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("BigInt", 7, 7),
        ("BigInt", -(2**63), -(2**63)),
        ("BigInt", "9223372036854775807", 2**63 - 1),
        ("BigInt", "-0", 0),
        ("BigInt", 7.0, 7),
        ("DateTime", "2026-01-31T12:00:00Z", NOON),
        ("DateTime", "2026-01-31T12:00:00z", NOON),
        ("DateTime", "2026-01-31t13:00:00+01:00", NOON),
        ("DateTime", "2026-01-31 12:00:00.000000999Z", NOON),
        ("DateTime", "2026-01-31T12:00:00.5Z", NOON.replace(microsecond=500_000)),
        ("DateTime", "2026-01-31T06:15:00-05:45", NOON),
        ("Decimal", "12.50", Decimal("12.50")),
        ("Decimal", "-3", Decimal(-3)),
        ("TimeZone", "Europe/Paris", "Europe/Paris"),
        ("TimeZone", "UTC", "UTC"),
    ],
)
def test_a_good_value_is_read(name: str, given: Any, expected: object) -> None:  # noqa: ANN401 -- a JSON value
    assert scalar(name).parse_value(given) == expected


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("BigInt", True),
        ("BigInt", None),
        ("BigInt", 1.5),
        ("BigInt", float("inf")),
        ("BigInt", "1.0"),
        ("BigInt", "007"),
        ("BigInt", " 7"),
        ("BigInt", "\u0667"),
        ("BigInt", "1e3"),
        ("BigInt", ""),
        ("BigInt", 2**63),
        ("BigInt", -(2**63) - 1),
        ("BigInt", "9" * 19),
        ("BigInt", "9" * 5_000),
        ("BigInt", [7]),
        ("DateTime", "2026-01-31T12:00:00"),
        ("DateTime", "2026-01-31"),
        ("DateTime", "2026-01-31T12:00Z"),
        ("DateTime", "2026-02-30T12:00:00Z"),
        ("DateTime", "2026-01-31T25:00:00Z"),
        ("DateTime", "0001-01-01T00:00:00+01:00"),
        ("DateTime", "9999-12-31T23:59:59-01:00"),
        ("DateTime", "2026-01-31T12:00:00+0100"),
        ("DateTime", "20260131T120000Z"),
        ("DateTime", "tomorrow"),
        ("DateTime", 1_767_225_600),
        ("Decimal", "NaN"),
        ("Decimal", "Infinity"),
        ("Decimal", "1e3"),
        ("Decimal", 1.5),
        ("Decimal", ""),
        ("TimeZone", "Mars/Olympus"),
        ("TimeZone", "../etc/passwd"),
        ("TimeZone", ""),
        ("TimeZone", "a\0"),
        ("TimeZone", 7),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_type(name: str, given: Any) -> None:  # noqa: ANN401 -- a JSON value
    with pytest.raises(ValueError, match=f"^{name} cannot represent ") as caught:
        scalar(name).parse_value(given)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("name", "literal", "expected"),
    [
        ("BigInt", "9007199254740993", 9007199254740993),
        ("BigInt", '"9007199254740993"', 9007199254740993),
        ("BigInt", "-7", -7),
        ("DateTime", '"2026-01-31T12:00:00Z"', NOON),
        ("TimeZone", '"Asia/Kathmandu"', "Asia/Kathmandu"),
    ],
)
def test_a_good_literal_is_read(name: str, literal: str, expected: object) -> None:
    assert scalar(name).parse_literal(parse_value(literal)) == expected


@pytest.mark.parametrize(
    ("name", "literal"),
    [
        ("BigInt", "1.5"),
        ("BigInt", "true"),
        ("BigInt", "SEVEN"),
        ("BigInt", "[7]"),
        ("BigInt", "9223372036854775808"),
        ("DateTime", "2026"),
        ("TimeZone", "7"),
    ],
)
def test_a_bad_literal_is_refused(name: str, literal: str) -> None:
    with pytest.raises((ValueError, GraphQLError), match="cannot represent"):
        scalar(name).parse_literal(parse_value(literal))
