"""Values of a usage summary to text for people."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from gateway.cli.usage.window import By

MISSING = "(none)"
SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def to_duration_text(duration_ms: int) -> str:
    """Write a duration in its two largest units, rounded down.

    CSV and JSON have the exact figure.
    """
    if duration_ms < SECOND_MS:
        return f"{duration_ms}ms" if duration_ms else "0s"
    if duration_ms < MINUTE_MS:
        return f"{Decimal(duration_ms) / SECOND_MS}s"
    if duration_ms < HOUR_MS:
        minutes, rest_ms = divmod(duration_ms, MINUTE_MS)
        return f"{minutes}m {rest_ms // SECOND_MS:02}s"
    if duration_ms < DAY_MS:
        hours, rest_ms = divmod(duration_ms, HOUR_MS)
        return f"{hours}h {rest_ms // MINUTE_MS:02}m"
    days, rest_ms = divmod(duration_ms, DAY_MS)
    return f"{days:,}d {rest_ms // HOUR_MS:02}h"


def to_cost_text(cost: Sequence[dict[str, str]]) -> str:
    """Write amounts of money, one for each currency."""
    return ", ".join(
        f"{Decimal(money['amount']):,} {to_printable(money['currency'])}"
        for money in cost
    )


def to_bucket_text(instant: str, by: By, zone: ZoneInfo) -> str:
    """Write the title of a bucket by its start, on a time zone's calendar."""
    local = datetime.fromisoformat(instant).astimezone(zone)
    day = local.date().isoformat()
    match by:
        case By.HOUR:
            # The zone's abbreviation differs for an hour that comes twice.
            return f"{day} {local:%H:%M %Z}"
        case By.DAY:
            return f"{day} {local:%a}"
        case By.WEEK:
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02}"
        case By.MONTH:
            return day[:7]


def to_label(dimension: str, value: Any) -> str:  # noqa: ANN401 -- what JSON has there
    """Write a group's value of a dimension."""
    match dimension, value:
        case _, None:
            return MISSING
        case "model", dict():
            return to_printable(to_model_label(value))
        case "user", dict():
            return to_printable(to_user_label(value))
        case _:
            return to_printable(str(value))


def to_model_label(model: dict[str, str | None]) -> str:
    """Write a model's name, version and identifier; names are not unique."""
    identifier, name = model["identifier"], model["name"]
    label = f"{name or identifier} {model['version'] or ''}".rstrip()
    return f"{label} ({identifier})" if name else label


def to_user_label(user: dict[str, str | None]) -> str:
    """Write a user's name, source and identifier, which is unique within the source."""
    identifier, name = user["identifier"], user["externalIdentifier"]
    if name is None:
        return f"{identifier} ({user['source']})"
    return f"{name} ({user['source']} {identifier})"


def to_printable(text: str) -> str:
    """Replace unprintable characters, which could control the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
