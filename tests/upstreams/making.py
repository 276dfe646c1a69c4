"""Upstreams, their settings, and documents of their jobs, for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from gateway.upstream_settings import ConfiguredUpstream, UpstreamSettings

BASE = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
SECRET = "prefix.hunter2-hunter2"  # noqa: S105 -- nobody's


def at(seconds: float) -> datetime:
    """Give an instant some seconds after the first."""
    return BASE + timedelta(seconds=seconds)


def to_iso(seconds: float) -> str:
    """Write an instant as Modzy and Edge Impulse do."""
    return at(seconds).isoformat(timespec="milliseconds")


def to_settings(kind: str = "modzy", **changes: Any) -> UpstreamSettings:  # noqa: ANN401 -- of any key
    """Make the settings of an upstream on this machine."""
    table: dict[str, Any] = {
        "name": kind,
        "kind": kind,
        "base_url": "http://127.0.0.1:9",
        "credential_env": "NOT_READ",
        "account": "acme",
        "project": 7 if kind == "edge-impulse" else None,
    }
    return UpstreamSettings.model_validate(table | changes)


def to_upstream(kind: str = "modzy", **changes: Any) -> ConfiguredUpstream:  # noqa: ANN401 -- of any key
    """Make an upstream with a credential."""
    settings = to_settings(kind, **changes)
    return ConfiguredUpstream(settings=settings, credential=SecretStr(SECRET))


def to_modzy(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON values
    """Make a document of Modzy that changed so many seconds after the first."""
    return {
        "jobIdentifier": f"job-{number}",
        "status": "COMPLETED",
        "createdAt": to_iso(number),
        "updatedAt": to_iso(number),
        "submittedAt": to_iso(number),
        "queueTime": 10,
        "elapsedTime": 1000,
    } | changes
