"""ISO 8601 to aware UTC instants and back, and the arithmetic between instants."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from gateway.instants import to_utc

MILLISECOND = timedelta(milliseconds=1)


def parse_iso(text: str) -> datetime:
    """Read ISO 8601, without an offset as UTC; digits beyond microseconds are cut off.

    Raises:
        ValueError: The text is no such instant, or not between the years 1 and 9999.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    return to_utc(instant)


def format_iso(instant: datetime) -> str:
    """Write three digits and `+00:00`: Modzy's clients do not all read `Z`."""
    return instant.isoformat(timespec="milliseconds")


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
    return instant + timedelta(milliseconds=ms)


def seconds_to_ms(seconds: float) -> int:
    """Round seconds to whole milliseconds, once, from their decimal digits."""
    if isinstance(seconds, int):
        return seconds * 1000
    return int(Decimal(repr(seconds)).scaleb(3).to_integral_value())


def ms_to_seconds(ms: int | None) -> int | float | None:
    """Write milliseconds as seconds."""
    if ms is None:
        return None
    return ms / 1000 if ms % 1000 else ms // 1000
