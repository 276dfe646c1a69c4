import hashlib
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta

import pytest

from gateway.auth.keys import is_api_key, make_api_key, parse_expiry, to_key_digest
from gateway.errors import InputError

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize("prefix", ["", "ei_", "a-B_9"])
def test_a_key_is_its_prefix_a_dot_and_a_secret(prefix: str) -> None:
    key = make_api_key(prefix)
    assert key.text.startswith(f"{key.prefix}.")
    assert key.prefix.startswith(prefix)
    assert len(key.prefix) == len(prefix) + 10
    assert is_api_key(key.text)


def test_a_secret_has_256_bits() -> None:
    _, _, secret = make_api_key().text.partition(".")
    assert len(urlsafe_b64decode(secret + "=")) == 32


def test_no_two_keys_are_alike() -> None:
    keys = [make_api_key("ei_") for _ in range(100)]
    assert len({key.prefix for key in keys}) == 100
    assert len({key.text.partition(".")[2] for key in keys}) == 100


def test_a_key_is_not_seen_in_its_repr() -> None:
    key = make_api_key()
    assert key.text.partition(".")[2] not in repr(key)


@pytest.mark.parametrize("prefix", ["a.b", "a b", "é", "a" * 33, "a\n", "-a"])
def test_a_prefix_a_key_cannot_have_is_refused(prefix: str) -> None:
    with pytest.raises(InputError, match="at most 32 letters"):
        make_api_key(prefix)


def test_a_digest_is_of_the_whole_key() -> None:
    assert to_key_digest("ei_a.secret") == hashlib.sha256(b"ei_a.secret").digest()


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("12h", timedelta(hours=12)),
        ("90d", timedelta(days=90)),
        ("4w", timedelta(weeks=4)),
        ("1y", timedelta(days=365)),
    ],
)
def test_an_expiry_is_a_duration_from_now(text: str, duration: timedelta) -> None:
    assert parse_expiry(text, now=NOW) == NOW + duration


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2030-01-31T00:00:00Z", datetime(2030, 1, 31, tzinfo=UTC)),
        ("2030-01-31t00:00:00z", datetime(2030, 1, 31, tzinfo=UTC)),
        ("2030-01-31 02:00:00.5+02:00", datetime(2030, 1, 31, 0, 0, 0, 500_000, UTC)),
    ],
)
def test_an_expiry_is_an_instant_with_an_offset(text: str, instant: datetime) -> None:
    assert parse_expiry(text, now=NOW) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("", "90", "d", "0d", "-1d", "1.5d", "90 d", "90D", "3m", "٣d"),
        *("999999999y", "soon", "20300131", "2030-01-31", "2030-01-31T00:00:00"),
        *("2030-02-31T00:00:00Z", "2030-01-31T00:00:00+25:00"),
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_an_expiry_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="give a duration such as 12h, 90d"):
        parse_expiry(text, now=NOW)


@pytest.mark.parametrize("text", ["2026-01-15T12:00:00Z", "0001-01-01T00:00:00Z"])
def test_an_expiry_that_is_over_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is in the past"):
        parse_expiry(text, now=NOW)
