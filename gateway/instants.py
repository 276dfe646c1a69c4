"""Instants as text: RFC 3339 to aware UTC datetimes and back."""

import re
from datetime import UTC, datetime

DATE = r"\d{4}-\d\d-\d\d"
OFFSET = r"([Zz]|[+-]\d\d:\d\d)"
# RFC 3339, section 5.6; `fromisoformat` alone takes many more forms.
RFC3339 = re.compile(rf"{DATE}[Tt ]\d\d:\d\d:\d\d(\.\d+)?{OFFSET}", re.ASCII)


def is_rfc3339(text: str) -> bool:
    """Tell whether a text has the form of RFC 3339; its date may be in no calendar."""
    return RFC3339.fullmatch(text) is not None


def parse_rfc3339(text: str) -> datetime:
    """Read RFC 3339, whose offset is required; digits beyond microseconds are cut off.

    Raises:
        ValueError: The text is no such instant, or not between the years 1 and 9999.
    """
    if not is_rfc3339(text):
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
        raise ValueError(str(exc)) from exc


def format_rfc3339(instant: datetime, timespec: str = "auto") -> str:
    """Write an instant of UTC as RFC 3339 with `Z`."""
    return instant.isoformat(timespec=timespec).removesuffix("+00:00") + "Z"
