"""Parses the settings of upstreams from tables of TOML or JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from gateway.addresses import is_loopback
from gateway.errors import SettingsError
from gateway.setting_texts import BASE_URL

UpstreamKind = Literal["edge-impulse", "modzy", "sharedcloud"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
# Valid accounts; see `gateway.auth.names`.
Account = Annotated[
    str,
    StringConstraints(
        max_length=255, pattern=re.compile(r"\A(?!\s+\Z)[^\x00-\x1f\x7f-\x9f]+\Z")
    ),
]


class UpstreamSettings(BaseModel):
    """One source system to fetch jobs from, as the operator sets it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Name = Field(description="What it is called, unique; the kind, if not set.")
    kind: UpstreamKind = Field(description="`edge-impulse`, `modzy` or `sharedcloud`.")
    base_url: str = Field(
        description="Its address, as its own clients take it:"
        " `https://studio.edgeimpulse.com/v1`, `https://HOST/api`, `https://HOST`."
    )
    credential_env: str | None = Field(
        default=None,
        min_length=1,
        description="Environment variable that has the credential.",
    )
    credential_file: Path | None = Field(
        default=None, description="File that has the credential, instead."
    )
    account: Account = Field(description="Whose jobs these become.")
    project: int | None = Field(
        default=None,
        ge=0,
        le=2**63 - 1,
        description="Project whose jobs these become; of Edge Impulse also the one that"
        " is asked for, and needed.",
    )
    interval_s: float = Field(
        default=60, gt=0, le=86_400, description="Seconds between two rounds."
    )
    overlap_s: float = Field(
        default=300,
        ge=0,
        le=30 * 86_400,
        description="Seconds that each round looks back before what it knows, for"
        " changes that became visible late.",
    )
    page_size: int = Field(
        default=500, ge=1, le=10_000, description="Jobs a page is asked to have."
    )
    concurrency: int = Field(
        default=4, ge=1, le=64, description="Requests at once, for single jobs."
    )
    requests_per_s: float | None = Field(
        default=None, gt=0, description="Requests a second at the most; unset: any."
    )
    timeout_s: float = Field(
        default=60, gt=0, le=3600, description="Seconds a request may take in all."
    )
    max_body_bytes: int = Field(
        default=67_108_864,
        ge=1,
        description="Bytes an answer may have, unpacked.",
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authorities that are trusted instead of the"
        " system's.",
    )
    allow_http: bool = Field(
        default=False,
        description="Whether `http:` may be used to another machine, where everybody on"
        " the way can read credential and jobs.",
    )
    logs: bool = Field(
        default=True,
        description="Whether Edge Impulse is asked for the output of each job.",
    )

    @model_validator(mode="after")
    def check_together(self) -> Self:
        """Check the keys that depend on each other."""
        if not BASE_URL.fullmatch(self.base_url):
            raise ValueError("base_url: right is an address such as 'https://HOST/api'")
        is_open = self.base_url.startswith("http:") and not is_loopback(self.base_url)
        if is_open and not self.allow_http:
            raise ValueError(
                "base_url: http would show the credential to everybody on the way; give"
                " https, or set allow_http"
            )
        if (self.credential_env is None) == (self.credential_file is None):
            raise ValueError("give exactly one of credential_env and credential_file")
        if self.kind == "edge-impulse" and self.project is None:
            raise ValueError("project: edge-impulse needs the number of the project")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredUpstream:
    """A source system to fetch jobs from, with its credential."""

    settings: UpstreamSettings
    credential: SecretStr


def parse_upstreams(tables: object) -> tuple[UpstreamSettings, ...]:
    """Parse the tables of all upstreams.

    Raises:
        SettingsError: One is wrong; the message names it and the key.
    """
    if not isinstance(tables, Sequence) or isinstance(tables, str):
        raise SettingsError("the upstreams are no list; right is a list of tables")
    found = tuple(parse_upstream(at, table) for at, table in enumerate(tables, 1))
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(
                f"several upstreams are called {name!r}; give each its own name"
            )
    return found


def parse_upstream(number: int, table: object) -> UpstreamSettings:
    """Parse one table.

    Raises:
        SettingsError: It is wrong.
    """
    if not isinstance(table, Mapping):
        raise SettingsError(f"upstream {number} is no table")
    named = {"name": table["kind"], **table} if "kind" in table else dict(table)
    title = f"upstream {named.get('name', number)!r}"
    check_table_keys(title, table)
    try:
        return UpstreamSettings.model_validate(named)
    except ValidationError as exc:
        raise SettingsError(f"{title}: {to_validation_message(exc)}") from exc


def check_table_keys(title: str, table: Mapping[Any, Any]) -> None:
    """Refuse unknown keys.

    Raises:
        SettingsError: There is one; the message suggests a known one.
    """
    known = list(UpstreamSettings.model_fields)
    for key in table:
        if key not in known:
            close = get_close_matches(str(key), known, n=1)
            meant = f"did you mean {close[0]}?" if close else ", ".join(known)
            raise SettingsError(f"{title}: there is no key {key!r}; {meant}")


def to_validation_message(exc: ValidationError) -> str:
    """Name each wrong key and what would be right, without quoting its value."""
    errors = exc.errors(include_input=False, include_url=False)
    return "; ".join(
        ": ".join([*map(str, error["loc"][:1]), to_sentence(error["msg"])])
        for error in errors
    )


def to_sentence(message: str) -> str:
    """Write a message of pydantic in the style of the gateway's."""
    text = message.removeprefix("Value error, ")
    return text[0].lower() + text[1:]
