"""The texts of settings to checked values, each with what would be right."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo
from pydantic_settings import NoDecode

Scope = Literal["jobs:read", "usage:read", "jobs:write", "admin", "profile", "email"]
SCOPES: tuple[Scope, ...] = (
    "jobs:read",
    "usage:read",
    "jobs:write",
    "admin",
    "profile",
    "email",
)
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
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")
RATE = re.compile(r"off|[1-9][0-9]{0,8}/(second|minute|hour|day)")
STORAGE = re.compile(r"rediss?://.")
# Nothing that would end a quoted text in a header.
BASE_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")


def to_words(value: object) -> object:
    """Split a text at commas and blanks; leave everything else as it is."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def to_zone(name: str) -> str:
    """Check that a text is the name of an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        message = f"{name!r} is no IANA time zone; a right one is 'Europe/Paris'"
        raise ValueError(message) from exc
    return name


def to_base_url(value: str | None) -> str | None:
    """Check that a text is the address of a server, and drop a slash at its end."""
    if value is not None and not BASE_URL.fullmatch(value):
        message = f"{value!r} is no address; a right one is 'https://jobs.example.com'"
        raise ValueError(message)
    return value and value.rstrip("/")


def to_origins(values: tuple[str, ...]) -> tuple[str, ...]:
    """Check that texts are origins as browsers write them, or `*`."""
    for value in values:
        if value != "*" and not ORIGIN.fullmatch(value):
            message = (
                f"{value!r} is no origin; a right one is 'https://app.example.com'"
            )
            raise ValueError(message)
    return values


def to_cors_credentials(value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 -- as pydantic calls it
    """Refuse cookies from any site."""
    if value and "*" in info.data.get("cors_origins", ()):
        message = (
            "cookies cannot be taken from every site; name the origins in"
            " GATEWAY_CORS_ORIGINS instead of *"
        )
        raise ValueError(message)
    return value


def to_rate(value: str) -> str:
    """Check that a text is a rate, or says that there is none."""
    if not RATE.fullmatch(value):
        message = f"{value!r} is no rate; a right one is '600/minute', or 'off'"
        raise ValueError(message)
    return value


def to_storage(value: SecretStr | None) -> SecretStr | None:
    """Check that a text is the address of a Redis server, without repeating it."""
    if value is not None and not STORAGE.match(value.get_secret_value()):
        message = (
            "no address of a Redis server; a right one is 'redis://localhost:6379/0'"
        )
        raise ValueError(message)
    return value


def to_networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """Check that texts are addresses or networks."""
    for value in values:
        try:
            ip_network(value)
        except ValueError as exc:
            message = f"{value!r} is no network; a right one is '10.0.0.0/8'"
            raise ValueError(message) from exc
    return values


BaseUrl = Annotated[str | None, AfterValidator(to_base_url)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(to_words)]
Scopes = Annotated[tuple[Scope, ...], NoDecode, BeforeValidator(to_words)]
Origins = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(to_words), AfterValidator(to_origins)
]
Networks = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(to_words), AfterValidator(to_networks)
]
Rate = Annotated[str, AfterValidator(to_rate)]
Algorithms = Annotated[tuple[JwtAlgorithm, ...], NoDecode, BeforeValidator(to_words)]
StorageUrl = Annotated[SecretStr | None, AfterValidator(to_storage)]
CorsCredentials = Annotated[bool, AfterValidator(to_cors_credentials)]
TimeZone = Annotated[str, AfterValidator(to_zone)]
