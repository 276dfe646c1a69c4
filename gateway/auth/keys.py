"""The text of API keys: made, parsed, digested; and of the instants they expire at."""

import hashlib
import re
import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.errors import InputError
from gateway.instants import parse_rfc3339

SECRET_BYTES = 32
RANDOM_LENGTH = 10
RANDOM_CHARACTERS = string.ascii_letters + string.digits
API_KEY = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# No leading dash: `gateway keys revoke` would take the prefix for an option.
PREFIX = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_-]{0,31})?")
DURATION = re.compile(r"([1-9][0-9]{0,8})([hdwy])")
UNITS = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A new key; `text` is `prefix`, a dot and the secret, and is shown only once."""

    prefix: str
    text: str = field(repr=False)


def make_api_key(prefix: str = "") -> ApiKey:
    """Make a key with a secret of 256 random bits and a unique prefix.

    Raises:
        InputError: See `make_prefix`.
    """
    name = make_prefix(prefix)
    return ApiKey(prefix=name, text=f"{name}.{secrets.token_urlsafe(SECRET_BYTES)}")


def make_prefix(start: str) -> str:
    """Make a unique prefix that begins with a given text.

    Raises:
        InputError: The text is too long, or has characters a key cannot have.
    """
    if not PREFIX.fullmatch(start):
        raise InputError(
            "the prefix must be at most 32 letters, digits, '_' or '-', and begin with"
            " another than '-', such as 'ei_'"
        )
    return start + "".join(
        secrets.choice(RANDOM_CHARACTERS) for _ in range(RANDOM_LENGTH)
    )


def is_api_key(text: str) -> bool:
    """Tell whether a text has the syntax of a key."""
    return API_KEY.fullmatch(text) is not None


def to_prefix(text: str) -> str | None:
    """Give the prefix of a key; None where a text has another syntax."""
    return text.partition(".")[0] if is_api_key(text) else None


def to_key_digest(text: str) -> bytes:
    """Hash a key; its 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(text.encode()).digest()


def parse_expiry(text: str, *, now: datetime) -> datetime:
    """Parse an expiry: a duration from now, or an instant.

    Raises:
        InputError: It is neither, or not in the future.
    """
    try:
        instant = parse_duration(text, now=now) or parse_rfc3339(text)
    except (OverflowError, ValueError):
        instant = None
    if instant is None:
        raise InputError(
            f"{text!r} is no expiry; give a duration such as 12h, 90d, 4w or 1y,"
            " or an instant such as 2030-01-31T00:00:00Z"
        )
    if instant <= now:
        raise InputError(f"the expiry {text!r} is in the past; give a later one")
    return instant


def parse_duration(text: str, *, now: datetime) -> datetime | None:
    """Parse a number and its unit; a year has 365 days."""
    match = DURATION.fullmatch(text)
    return now + int(match[1]) * UNITS[match[2]] if match else None
