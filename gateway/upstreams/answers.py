"""Status and headers of an answer to what they mean: data, nothing, or an error."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from gateway.errors import BusyUpstreamError, UpstreamError

# An upstream that wants to be left alone for longer is asked again all the same.
MAX_RETRY_AFTER_S = 300.0

PASSING = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def check_status(status: int, headers: Mapping[str, str], now: datetime) -> None:
    """Refuse what is no success.

    Raises:
        BusyUpstreamError: It may pass.
        UpstreamError: It will not.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        retry_after_s = to_retry_after_s(headers.get("retry-after"), now)
        raise BusyUpstreamError(f"it answers {status}", retry_after_s=retry_after_s)
    if status in REFUSALS:
        raise UpstreamError(f"it refuses the credential ({status})")
    raise UpstreamError(f"it answers {status}; right is 200")


def to_retry_after_s(text: str | None, now: datetime) -> float | None:
    """Read how long to wait: seconds, or a date; None where that is not told."""
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
