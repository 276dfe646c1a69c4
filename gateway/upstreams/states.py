"""An upstream's row to its state."""

from datetime import datetime
from enum import StrEnum

from gateway.store.upstreams import UpstreamRecord


class UpstreamState(StrEnum):
    """Whether and how an upstream is being read."""

    NEVER = "NEVER"
    IDLE = "IDLE"
    SYNCING = "SYNCING"
    FAILING = "FAILING"
    STOPPED = "STOPPED"


def to_upstream_state(record: UpstreamRecord, now: datetime) -> UpstreamState:
    """Give the state an upstream is in at an instant.

    It is still failing during the round after a failed one.
    """
    is_held = record.lease_until is not None and record.lease_until > now
    if record.is_failing:
        return UpstreamState.FAILING
    if is_held and record.round_at is not None:
        return UpstreamState.SYNCING
    if record.last_success_at is None:
        return UpstreamState.NEVER
    return UpstreamState.IDLE if is_held else UpstreamState.STOPPED


def to_lag_ms(record: UpstreamRecord, now: datetime) -> int | None:
    """Give the time since the last successful round, in ms; None: there was none."""
    if record.last_success_at is None:
        return None
    return max(0, round((now - record.last_success_at).total_seconds() * 1000))
