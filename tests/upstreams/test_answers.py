from datetime import UTC, datetime

import pytest

from gateway.errors import BusyUpstreamError, UpstreamError
from gateway.upstreams.answers import check_status, parse_retry_after_s

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("99999", 300.0),
        ("Fri, 01 May 2026 12:00:30 GMT", 30.0),
        ("Fri, 01 May 2026 12:00:30", 30.0),
        ("Fri, 01 May 2026 11:00:00 GMT", 0.0),
        ("Fri, 01 May 2027 12:00:00 GMT", 300.0),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_bounded(
    text: str | None, wait_s: float | None
) -> None:
    assert parse_retry_after_s(text, NOW) == wait_s


@pytest.mark.parametrize("status", [200, 201, 299])
def test_a_success_is_data(status: int) -> None:
    check_status(status, {}, NOW)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_passes_is_asked_again(status: int) -> None:
    with pytest.raises(BusyUpstreamError, match=f"it answers {status}") as refused:
        check_status(status, {"retry-after": "3"}, NOW)
    assert refused.value.retry_after_s == 3


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "refuses the credential"),
        (403, "refuses the credential"),
        (400, "it answers 400; right is 200"),
        (404, "it answers 404; right is 200"),
        (304, "it answers 304; right is 200"),
    ],
)
def test_what_stays_is_not(status: int, message: str) -> None:
    with pytest.raises(UpstreamError, match=message) as refused:
        check_status(status, {}, NOW)
    assert not isinstance(refused.value, BusyUpstreamError)
