"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import orjson
from sqlalchemy import BigInteger, Dialect, Text, TypeDecorator
from typing_extensions import override

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# 136 years either side of 1970, where a float is exact to the microsecond and takes
# half the time.
EXACT_MICROS = 2**32 * 1_000_000

# Text in keys and indexes, compared by bytes, so that both databases sort alike.
Key = Text().with_variant(Text(collation="C"), "postgresql")


def to_micros(instant: datetime) -> int:
    """Convert an aware instant to microseconds since 1970-01-01 UTC."""
    return (instant - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Convert microseconds since 1970-01-01 UTC to an aware instant."""
    if -EXACT_MICROS < micros < EXACT_MICROS:
        return datetime.fromtimestamp(micros / 1_000_000, UTC)
    return EPOCH + timedelta(microseconds=micros)


def from_optional_micros(micros: int | None) -> datetime | None:
    """Convert an instant that may be unknown."""
    return None if micros is None else from_micros(micros)


def to_nanos(amount: Decimal) -> int:
    """Convert an amount to billionths, rounding half to even."""
    return int(amount.scaleb(9).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def from_nanos(nanos: int) -> Decimal:
    """Convert billionths to an amount without trailing zeros."""
    amount = Decimal(nanos).scaleb(-9).normalize()
    return amount if amount.as_tuple().exponent <= 0 else amount.quantize(Decimal(1))  # type: ignore[operator]  # finite, so the exponent is a number


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, stored as µs since 1970: SQLite has no offsets."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> int | None:
        return None if value is None else to_micros(value)

    @override
    def process_result_value(
        self, value: int | None, dialect: Dialect
    ) -> datetime | None:
        return from_optional_micros(value)


class Nano(TypeDecorator[Decimal]):
    """An exact amount, stored as billionths: SQLite has no decimals."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_nanos(value)

    @override
    def process_result_value(
        self, value: int | None, dialect: Dialect
    ) -> Decimal | None:
        return None if value is None else from_nanos(value)


class Json(TypeDecorator[Any]):
    """A JSON value, stored as text: PostgreSQL's jsonb would reorder its keys."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)
