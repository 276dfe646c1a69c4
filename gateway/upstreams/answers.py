"""The status and headers of an answer to the error they mean, if any."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from gateway.errors import BusyUpstreamError, UpstreamError

# A longer `Retry-After` is cut to this.
MAX_RETRY_AFTER_S = 300.0

TRANSIENT = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def check_status(status: int, headers: Mapping[str, str], now: datetime) -> None:
    """Refuse an answer that is no success.

    Raises:
        BusyUpstreamError: The failure is transient.
        UpstreamError: It is permanent.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status in TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        retry_after_s = parse_retry_after_s(headers.get("retry-after"), now)
        raise BusyUpstreamError(f"it answers {status}", retry_after_s=retry_after_s)
    if status in REFUSALS:
        raise UpstreamError(f"it refuses the credential ({status})")
    raise UpstreamError(f"it answers {status}; right is 200")


def parse_retry_after_s(text: str | None, now: datetime) -> float | None:
    """Parse `Retry-After`, seconds or a date; None where it is missing or malformed."""
    if text is None:
        return None
    value = text.strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), MAX_RETRY_AFTER_S)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), MAX_RETRY_AFTER_S)
