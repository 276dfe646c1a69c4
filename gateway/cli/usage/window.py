"""Options of the command line to a window of time in a time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.errors import InputError
from gateway.instants import DATE, OFFSET

# RFC 3339, but offset, seconds or the whole time may be missing.
INSTANT = re.compile(
    rf"{DATE}([Tt ]\d\d:\d\d(:\d\d(\.\d{{1,6}})?)?{OFFSET}?)?", re.ASCII
)
# In the first and the last year a conversion to another zone may overflow.
FIRST_YEAR, LAST_YEAR = 2, 9_998


class By(StrEnum):
    """The buckets a window can be split into."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageWindow:
    """A window from `start` up to, but not including, `end`."""

    start: datetime
    end: datetime
    zone: ZoneInfo


def to_window(
    start: str | None, end: str | None, zone: ZoneInfo, now: datetime
) -> UsageWindow:
    """Parse a window; by default from the start of the month it ends in until now.

    Raises:
        InputError: A bound is not a date or an instant, or the end comes first.
    """
    # To the second, as it is shown.
    last = parse_bound(end, zone) if end else now.replace(microsecond=0)
    first = parse_bound(start, zone) if start else to_month_start(last, zone)
    if first > last:
        raise InputError(
            f"the window would end at {to_clock_text(last, zone)}, before it starts at"
            f" {to_clock_text(first, zone)}; give a later --to or an earlier --from"
        )
    return UsageWindow(start=first, end=last, zone=zone)


def parse_bound(text: str, zone: ZoneInfo) -> datetime:
    """Parse a date, meaning its midnight, or an instant, by default in a zone.

    Raises:
        InputError: It is neither, or out of range.
    """
    try:
        found = datetime.fromisoformat(text.upper()) if is_instant(text) else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InputError(
            f"{text!r} is no date and no instant; give one such as 2026-01-31,"
            " 2026-01-31T12:00 or 2026-01-31T12:00:00Z"
        )
    aware = found if found.tzinfo else found.replace(tzinfo=zone)
    return aware.astimezone(UTC)


def is_instant(text: str) -> bool:
    """Tell whether a text has the form of a date or an instant."""
    return INSTANT.fullmatch(text) is not None


def to_month_start(end: datetime, zone: ZoneInfo) -> datetime:
    """Return the start of the month that a window ends in."""
    inside = (end - datetime.resolution).astimezone(zone)
    midnight = datetime(inside.year, inside.month, 1, tzinfo=zone)
    return midnight.astimezone(UTC)


def parse_zone(name: str) -> ZoneInfo:
    """Find a time zone.

    Raises:
        InputError: There is none of the name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise InputError(
            f"{name!r} is no time zone; give an IANA name such as Europe/Paris or UTC"
        ) from exc


def to_clock_text(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant on a zone's clock, seconds only where there are any."""
    local = instant.astimezone(zone).replace(tzinfo=None)
    is_whole = not (local.second or local.microsecond)
    return local.isoformat(" ", "minutes" if is_whole else "auto")
