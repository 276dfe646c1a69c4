"""Text to aware UTC instants and back, and the arithmetic between instants."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

MILLISECOND = timedelta(milliseconds=1)
RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def parse_iso(text: str) -> datetime:
    """Read ISO 8601; without an offset it is UTC. Digits beyond microseconds go.

    Raises:
        ValueError: The text is no such instant, or not between the years 1 and 9999.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    return to_utc(instant)


def parse_rfc3339(text: str) -> datetime:
    """Read RFC 3339, whose offset is required.

    Raises:
        ValueError: The text is no such instant, or not between the years 1 and 9999.
    """
    if not RFC3339.fullmatch(text):
        raise ValueError(text)
    return to_utc(datetime.fromisoformat(text.upper()))


def to_utc(instant: datetime) -> datetime:
    """Convert an aware instant.

    Raises:
        ValueError: In UTC it is not between the years 1 and 9999.
    """
    try:
        return instant.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError(str(instant)) from exc


def format_iso(instant: datetime) -> str:
    """Write what every client of Modzy reads: three digits and `+00:00`, never `Z`."""
    return instant.isoformat(timespec="milliseconds")


def format_z(instant: datetime, timespec: str = "auto") -> str:
    """Write RFC 3339 in UTC with `Z`."""
    return instant.isoformat(timespec=timespec).removesuffix("+00:00") + "Z"


def latest(first: datetime, *others: datetime | None) -> datetime:
    """Give the latest of the instants that are known."""
    return max(first, *(other for other in others if other is not None), first)


def ms_between(start: datetime | None, end: datetime | None) -> int | None:
    """Give the time between two instants, None where one is unknown.

    Clocks of two machines may disagree: a negative time counts as none passed.
    """
    if start is None or end is None:
        return None
    return max(0, round((end - start) / MILLISECOND))


def add_ms(instant: datetime | None, ms: int | None) -> datetime | None:
    """Give the instant some time later, None where either is unknown.

    Raises:
        OverflowError: It is after the year 9999.
    """
    if instant is None or ms is None:
        return None
    return shift(instant, ms)


def shift(instant: datetime, ms: int) -> datetime:
    """Give the instant some time later.

    Raises:
        OverflowError: It is after the year 9999.
    """
    return instant + timedelta(milliseconds=ms)


def seconds_to_ms(seconds: float) -> int:
    """Round seconds to whole milliseconds, once, from their decimal digits."""
    if isinstance(seconds, int):
        return seconds * 1000
    return int(Decimal(repr(seconds)).scaleb(3).to_integral_value())
