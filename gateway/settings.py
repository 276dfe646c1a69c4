"""The environment to one frozen Settings value; nothing else reads the environment."""

import json
import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.errors import SettingsError
from gateway.setting_texts import (
    Algorithms,
    BaseUrl,
    CorsCredentials,
    Networks,
    Origins,
    Rate,
    Scopes,
    StorageUrl,
    TimeZone,
    Words,
)
from gateway.upstream_settings import (
    ConfiguredUpstream,
    UpstreamSettings,
    parse_upstreams,
)


class Settings(BaseSettings):
    """What an operator can set, each as `GATEWAY_` and the name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///gateway.db"),
        description="Where jobs are kept: `sqlite:///PATH` or"
        " `postgresql://USER:PASSWORD@HOST/DATABASE`.",
    )
    database_pool_size: int = Field(
        default=10, ge=1, le=1000, description="Connections a process keeps open."
    )
    database_timeout_s: float = Field(
        default=4,
        gt=0,
        description="Seconds to wait for a connection or a lock before answering"
        " `OVERLOADED`.",
    )
    jwt_secret: SecretStr | None = Field(
        default=None, description="Secret that HS256 tokens are signed with."
    )
    jwt_public_key: Path | None = Field(
        default=None,
        description="PEM file with the public key that RS256, ES256 or EdDSA tokens are"
        " checked with.",
    )
    jwt_algorithms: Algorithms = Field(
        default=(),
        description="Algorithms a token may be signed with; empty means those that fit"
        " the key.",
    )
    jwt_issuer: str | None = Field(
        default=None,
        description="`iss` a token must have; without a secret or a public key also the"
        " address of the OpenID provider whose keys tokens are checked with.",
    )
    jwt_audience: str | None = Field(
        default=None, description="`aud` a token must have; unset accepts any."
    )
    jwt_leeway_s: int = Field(
        default=30,
        ge=0,
        le=600,
        description="Seconds that the clocks of token issuer and gateway may differ.",
    )
    jwt_refresh_s: int = Field(
        default=300,
        ge=10,
        le=86_400,
        description="Seconds after which the provider is asked for its keys again.",
    )
    jwt_account_claim: str = Field(
        default="account",
        min_length=1,
        description="Claim that names the account.",
    )
    jwt_project_claim: str = Field(
        default="project",
        min_length=1,
        description="Claim that has the number of the only project a token may see.",
    )
    jwt_scope_claim: str = Field(
        default="scope",
        min_length=1,
        description="Claim that has the scopes; `scope` also means `scp` where a token"
        " has that instead.",
    )
    default_scopes: Scopes = Field(
        default=("jobs:read", "usage:read"),
        description="Scopes of a key made without scopes, and of a token without a"
        " `scope` claim.",
    )
    public_url: BaseUrl = Field(
        default=None,
        description="Address that clients know the gateway by, such as"
        " `https://jobs.example.com`; unset takes the `Host` of each request.",
    )
    login_client_id: str | None = Field(
        default=None,
        min_length=1,
        description="Client that GraphiQL logs in as at the provider; unset offers no"
        " login.",
    )
    login_scopes: Words = Field(
        default=("openid", "profile", "email", "jobs:read", "usage:read"),
        description="Scopes that a login in GraphiQL asks for.",
    )
    login_resource: str | None = Field(
        default=None,
        min_length=1,
        description="`resource` that a login in GraphiQL asks for (RFC 8707), where the"
        " provider wants one.",
    )
    cors_origins: Origins = Field(
        default=(),
        description="Origins whose pages may use the gateway, such as"
        " `https://app.example.com`, or `*` for all; unset: its own page alone.",
    )
    cors_credentials: CorsCredentials = Field(
        default=False,
        description="Whether those pages may also use the cookie `jwt`; not with `*`.",
    )
    hsts_s: int = Field(
        default=0,
        ge=0,
        description="Seconds that browsers shall come by https alone"
        " (`Strict-Transport-Security`); 0 does not say so.",
    )
    rate_limit: Rate = Field(
        default="off",
        description="Requests that a credential has, such as `600/minute`, by `second`,"
        " `minute`, `hour` or `day`; `off`: as many as it sends.",
    )
    failed_login_limit: Rate = Field(
        default="60/minute",
        description="Credentials that are refused to an address with their reason; more"
        " are refused with `RATE_LIMITED`.",
    )
    rate_limit_storage: StorageUrl = Field(
        default=None,
        description="Redis server where all replicas count together, such as"
        " `redis://:PASSWORD@HOST:6379/0`; unset: each process counts for itself.",
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="Addresses and networks of proxies whose `X-Forwarded-For` tells"
        " who asks, such as `10.0.0.0/8`.",
    )
    public_introspection: bool = Field(
        default=False,
        description="Whether introspection is answered without a credential.",
    )
    federation: bool = Field(
        default=False,
        description="Whether the schema is a subgraph of Apollo Federation 2.",
    )
    max_connections: int = Field(
        default=1000,
        ge=1,
        description="Connections that a process has at the same time, as far as its"
        " descriptors allow; for one more the longest idle one is closed.",
    )
    keep_alive_s: int = Field(
        default=75,
        ge=1,
        description="Seconds that an idle connection stays open after an answer; longer"
        " than those of a load balancer.",
    )
    client_timeout_s: float = Field(
        default=20,
        gt=0,
        description="Seconds that a client has to send the head of a request, the rest"
        " of a body that was answered before its end, and to take part of an answer.",
    )
    min_client_bytes_per_s: int = Field(
        default=100,
        ge=0,
        description="Bytes a second that a client must take of a long answer, and send"
        " of a body for `/ingest`, or the connection or the body is ended.",
    )
    max_head_bytes: int = Field(
        default=65_536,
        ge=1024,
        description="Bytes that the request line and the headers of a request may have,"
        " and as many its trailers.",
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1, description="Bytes a request body may have."
    )
    max_ingest_bytes: int = Field(
        default=1_073_741_824,
        ge=1,
        description="Bytes that a body for `/ingest` may have, packed or unpacked.",
    )
    max_ingests: int = Field(
        default=4,
        ge=1,
        description="Bodies for `/ingest` that a process takes at the same time; more"
        " are answered `OVERLOADED`.",
    )
    max_ingests_by_account: int = Field(
        default=2,
        ge=1,
        description="Of these, bodies that the credentials of one account send.",
    )
    ingest_timeout_s: float = Field(
        default=30,
        gt=0,
        description="Seconds that a body for `/ingest` may make no progress, or come"
        " more slowly than a client must send, before `TIMEOUT`.",
    )
    max_tokens: int = Field(
        default=2_000, ge=1, description="Lexical tokens a document may have."
    )
    max_depth: int = Field(
        default=12, ge=1, le=40, description="Levels that selections may nest."
    )
    max_aliases: int = Field(
        default=30, ge=0, description="Aliases an operation may use."
    )
    max_page_size: int = Field(
        default=100, ge=1, le=1000, description="Nodes a page may have."
    )
    default_page_size: int = Field(
        default=50,
        ge=1,
        description="Nodes a page has when neither `first` nor `last` is given.",
    )
    max_nodes: int = Field(
        default=20_000,
        ge=1,
        description="Nodes an operation may ask for, by its page sizes.",
    )
    request_timeout_s: float = Field(
        default=10, gt=0, description="Seconds a request may take before `TIMEOUT`."
    )
    shutdown_timeout_s: int = Field(
        default=20,
        ge=1,
        description="Seconds that running requests have to finish after SIGTERM.",
    )
    sharedcloud_time_zone: TimeZone = Field(
        default="UTC",
        description="IANA zone of the instants of sharedcloud, which carry none.",
    )
    upstreams_file: Path | None = Field(
        default=None,
        description="TOML file with a table `[[upstreams]]` for each source system to"
        " fetch jobs from.",
    )
    upstreams: str | None = Field(
        default=None,
        description="The same as a JSON list of objects, instead of the file.",
    )
    sync_lease_s: float = Field(
        default=30,
        ge=1,
        le=3600,
        description="Seconds after which another process goes on with an upstream whose"
        " process is gone.",
    )
    server_timing: bool = Field(
        default=False,
        description="Whether every GraphQL answer tells in `Server-Timing` how long its"
        " stages took; a request with the header `x-server-timing` is told anyway.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe log lines to write."
    )

    @property
    def request_timeout(self) -> timedelta:
        """The time a request may take."""
        return timedelta(seconds=self.request_timeout_s)

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 -- as in dataclasses.replace
        """Return a validated copy with some settings changed."""
        return type(self).model_validate({**dict(self), **changes})


def read_settings(**overrides: Any) -> Settings:  # noqa: ANN401 -- as Settings takes them
    """Read the environment.

    Args:
        overrides: Settings that replace the environment's; None does not.

    Raises:
        SettingsError: A setting has a value it cannot have, named in the message.
    """
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})
    except ValidationError as exc:
        raise SettingsError(to_message(exc)) from exc


def to_message(exc: ValidationError) -> str:
    """Name each wrong setting and what would be right, without its value."""
    return "; ".join(
        f"GATEWAY_{'_'.join(str(part) for part in error['loc'][:1]).upper()}:"
        f" {error['msg'][0].lower()}{error['msg'][1:]}"
        for error in exc.errors(include_input=False, include_url=False)
    )


def read_upstreams(settings: Settings) -> tuple[ConfiguredUpstream, ...]:
    """Read which source systems to fetch jobs from, with their credentials.

    Raises:
        SettingsError: A table is wrong, or a credential is missing.
    """
    return tuple(
        ConfiguredUpstream(settings=each, credential=read_credential(each))
        for each in parse_upstreams(read_tables(settings))
    )


def read_tables(settings: Settings) -> object:
    """Read the tables of the upstreams, from the variable or the file.

    Raises:
        SettingsError: They are in two places, or cannot be read.
    """
    text, path = settings.upstreams, settings.upstreams_file
    if text is not None and path is not None:
        raise SettingsError(
            "GATEWAY_UPSTREAMS and GATEWAY_UPSTREAMS_FILE are both set; set one of them"
        )
    try:
        if text is not None:
            return json.loads(text)
        found = {} if path is None else tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        name = "GATEWAY_UPSTREAMS" if path is None else f"GATEWAY_UPSTREAMS_FILE {path}"
        raise SettingsError(f"{name} cannot be read: {exc}") from exc
    if found.keys() - {"upstreams"}:
        raise SettingsError(f"{path} has more than upstreams; give [[upstreams]] only")
    return found.get("upstreams", [])


def read_credential(upstream: UpstreamSettings) -> SecretStr:
    """Read the credential of an upstream, without blanks around it.

    Raises:
        SettingsError: It is missing, or cannot be a credential.
    """
    name, path = upstream.credential_env, upstream.credential_file
    try:
        text = (
            os.environ.get(name or "", "")  # noqa: TID251 -- this is the one place
            if path is None
            else path.read_text("utf-8")
        )
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "it is no text"
        raise SettingsError(
            f"upstream {upstream.name!r}: the credential cannot be read from {path}:"
            f" {reason}"
        ) from exc
    if not (text.strip().isascii() and text.strip().isprintable()) or not text.strip():
        raise SettingsError(
            f"upstream {upstream.name!r}: there is no credential in {path or name};"
            " right is a text of visible ASCII characters"
        )
    return SecretStr(text.strip())
