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
    """Write a duration with its two largest units, cutting off the rest.

    What is shown was used; the exact figure is in CSV and JSON.
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
    """Name the part of the window that starts at an instant, on a zone's calendar."""
    local = datetime.fromisoformat(instant).astimezone(zone)
    day = local.date().isoformat()
    match by:
        case By.HOUR:
            # An hour that comes twice is told apart by the zone's name at the time.
            return f"{day} {local:%H:%M %Z}"
        case By.DAY:
            return f"{day} {local:%a}"
        case By.WEEK:
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02}"
        case By.MONTH:
            return day[:7]


def to_label(dimension: str, value: Any) -> str:  # noqa: ANN401 -- what JSON has there
    """Name what a group is of."""
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
    """Name a model: with its name first where it has one, which others may share."""
    identifier, name = model["identifier"], model["name"]
    label = f"{name or identifier} {model['version'] or ''}".rstrip()
    return f"{label} ({identifier})" if name else label


def to_user_label(user: dict[str, str | None]) -> str:
    """Name a user, whose identifier is unique in the source alone."""
    identifier, name = user["identifier"], user["externalIdentifier"]
    if name is None:
        return f"{identifier} ({user['source']})"
    return f"{name} ({user['source']} {identifier})"


def to_printable(text: str) -> str:
    """Write a text that cannot steer the terminal, whatever a source calls things."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
