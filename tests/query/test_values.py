from collections.abc import Callable

import pytest

from gateway.query.values import (
    MAX_SAFE_INTEGER,
    to_big_int,
    to_decimal,
    to_int,
    to_job_source,
    to_job_status,
)


@pytest.mark.parametrize("value", [0, 2**31 - 1, -(2**31)])
def test_int_holds_32_bits(value: int) -> None:
    assert to_int(value) == value


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 2**40])
def test_int_holds_no_more(value: int) -> None:
    with pytest.raises(ValueError, match=f"non 32-bit signed integer value: {value}$"):
        to_int(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (MAX_SAFE_INTEGER, 9007199254740991),
        (MAX_SAFE_INTEGER + 1, "9007199254740992"),
        (-MAX_SAFE_INTEGER, -9007199254740991),
        (-MAX_SAFE_INTEGER - 1, "-9007199254740992"),
        (2**63 - 1, "9223372036854775807"),
    ],
)
def test_numbers_beyond_json_become_text(value: int, expected: int | str) -> None:
    assert to_big_int(value) == expected


@pytest.mark.parametrize(
    ("nanos", "expected"),
    [
        (0, "0"),
        (80_000_000, "0.08"),
        (12_500_000_000, "12.5"),
        (100_000_000_000, "100"),
        (1, "0.000000001"),
        (-1_500_000_000, "-1.5"),
        (9_223_372_036_854_775_807, "9223372036.854775807"),
    ],
)
def test_amounts_are_plain_decimals(nanos: int, expected: str) -> None:
    assert to_decimal(nanos) == expected


@pytest.mark.parametrize(
    ("convert", "good", "name"),
    [(to_job_status, "FAILED", "JobStatus"), (to_job_source, "SWF", "JobSource")],
)
def test_enums_hold_their_own_values_alone(
    convert: Callable[[str], str], good: str, name: str
) -> None:
    assert convert(good) == good
    with pytest.raises(ValueError, match=f"Enum '{name}' cannot represent value: 'no"):
        convert("no value")
