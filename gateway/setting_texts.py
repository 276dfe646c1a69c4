"""Validate the texts of settings; messages show what would be right."""

import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo
from pydantic_settings import NoDecode

Scope = Literal["jobs:read", "usage:read", "jobs:write", "admin", "profile", "email"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
JwtAlgorithm = Literal[
    "HS256",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
]

# Lower case, and no default port: as browsers write it, so that it can be compared.
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?|\*")
RATE = re.compile(r"off|[1-9][0-9]{0,8}/(second|minute|hour|day)")
STORAGE = re.compile(r"rediss?://.")
# Without quotes, as it is quoted in a header.
BASE_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")


def split_words(value: object) -> object:
    """Split a text at commas and blanks; leave everything else as it is."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def check_text(value: str, parse: Callable[[str], object], right: str) -> str:
    """Check that a text can be parsed.

    Args:
        value: The text.
        parse: Raises an error, or returns None, where it cannot be.
        right: What it shall be, and an example.
    """
    try:
        is_right = parse(value) is not None
    except (KeyError, ValueError, OSError):
        is_right = False
    if not is_right:
        raise ValueError(f"{value!r} is no {right}")
    return value


def check_zone(name: str) -> str:
    """Check that a text is the name of an IANA time zone."""
    return check_text(name, ZoneInfo, "IANA time zone; a right one is 'Europe/Paris'")


def to_base_url(value: str | None) -> str | None:
    """Check that a text is the address of a server, and drop a slash at its end."""
    if value is None:
        return None
    right = "address; a right one is 'https://jobs.example.com'"
    return check_text(value, BASE_URL.fullmatch, right).rstrip("/")


def check_origin(value: str) -> str:
    """Check that a text is an origin as browsers write it, or `*`."""
    right = "origin; a right one is 'https://app.example.com'"
    return check_text(value, ORIGIN.fullmatch, right)


def check_cors_credentials(value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 -- as pydantic calls it
    """Refuse cookies from any site."""
    if value and "*" in info.data.get("cors_origins", ()):
        raise ValueError(
            "cookies cannot be taken from every site; name the origins in"
            " GATEWAY_CORS_ORIGINS instead of *"
        )
    return value


def check_rate(value: str) -> str:
    """Check that a text is a rate, or `off`."""
    right = "rate; a right one is '600/minute', or 'off'"
    return check_text(value, RATE.fullmatch, right)


def check_storage(value: SecretStr | None) -> SecretStr | None:
    """Check that a text is the URL of a Redis server, and do not repeat it."""
    if value is not None and not STORAGE.match(value.get_secret_value()):
        raise ValueError(
            "no address of a Redis server; a right one is 'redis://localhost:6379/0'"
        )
    return value


def check_network(value: str) -> str:
    """Check that a text is an address or a network."""
    return check_text(value, ip_network, "network; a right one is '10.0.0.0/8'")


BaseUrl = Annotated[str | None, AfterValidator(to_base_url)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_words)]
Scopes = Annotated[tuple[Scope, ...], NoDecode, BeforeValidator(split_words)]
Origin = Annotated[str, AfterValidator(check_origin)]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(split_words)]
Network = Annotated[str, AfterValidator(check_network)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(split_words)]
Rate = Annotated[str, AfterValidator(check_rate)]
Algorithms = Annotated[tuple[JwtAlgorithm, ...], NoDecode, BeforeValidator(split_words)]
StorageUrl = Annotated[SecretStr | None, AfterValidator(check_storage)]
CorsCredentials = Annotated[bool, AfterValidator(check_cors_credentials)]
TimeZone = Annotated[str, AfterValidator(check_zone)]
