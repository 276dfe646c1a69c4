"""`gateway keys`: API keys handed out, taken over, listed and revoked."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from gateway.auth.issuing import IssuedKey, KeyRequest, issue_key, revoke_key
from gateway.auth.keys import parse_expiry
from gateway.auth.taking_over import TakenOver, import_keys
from gateway.cli.audited import write_audit_lines
from gateway.settings import Settings, read_settings
from gateway.store.database import opened_database
from gateway.store.keys import ApiKeyRecord, list_api_keys
from gateway.store.migrate import ensure_current
from gateway.store.version import check_version


@write_audit_lines()
def create_key(
    *,
    account: str,
    project: int | None,
    scope: list[str] | None,
    expires: str | None,
    prefix: str,
    as_json: bool,
) -> None:
    """Issue a key and print it."""
    settings = read_settings()
    request = to_key_request(settings, account, project, scope, expires)
    issued = asyncio.run(put_key(settings, replace(request, prefix=prefix)))
    if as_json:
        print_json({"key": issued.text, **to_document(issued.record)})
        return
    typer.echo(issued.text)
    # Apart from the key, so that a script can take standard output as it is.
    typer.echo(
        f"keep it now: only its prefix {issued.record.prefix} and a digest are stored",
        err=True,
    )


def to_key_request(
    settings: Settings,
    account: str,
    project: int | None,
    scope: list[str] | None,
    expires: str | None,
) -> KeyRequest:
    """Make a request of what the command line says of a key.

    Raises:
        InputError: The expiry is none.
    """
    return KeyRequest(
        account=account,
        project_id=project,
        scopes=scope or settings.default_scopes,
        expires_at=expires
        if expires is None
        else parse_expiry(expires, now=datetime.now(UTC)),
    )


async def put_key(settings: Settings, request: KeyRequest) -> IssuedKey:
    """Store a new key, migrating the database first if it is new."""
    async with opened_database(settings, ensure_current) as database:
        return await issue_key(database, request)


@write_audit_lines()
def take_over_keys(
    file: typer.FileText,
    *,
    account: str,
    project: int | None,
    scope: list[str] | None,
    expires: str | None,
    as_json: bool,
) -> None:
    """Store keys that clients hold already, and print the prefixes of the new ones."""
    settings = read_settings()
    request = to_key_request(settings, account, project, scope, expires)
    taken = asyncio.run(put_taken_over(settings, file.readlines(), request))
    if as_json:
        print_json([to_document(key) for key in taken.new])
        return
    for key in taken.new:
        typer.echo(key.prefix)
    typer.echo(f"{account}: keys new {len(taken.new)}, known {taken.known}", err=True)


async def put_taken_over(
    settings: Settings, texts: Sequence[str], request: KeyRequest
) -> TakenOver:
    """Store keys by their texts, migrating the database first if it is new."""
    async with opened_database(settings, ensure_current) as database:
        return await import_keys(database, texts, request)


def list_keys(*, account: str | None, as_json: bool) -> None:
    """Print what is stored of keys."""
    keys = asyncio.run(read_keys(read_settings(), account))
    if as_json:
        print_json([to_document(key) for key in keys])
        return
    Console().print(to_key_table(keys, now=datetime.now(UTC)))


async def read_keys(
    settings: Settings, account: str | None
) -> tuple[ApiKeyRecord, ...]:
    """Read the keys of one account, or of all."""
    async with opened_database(settings, check_version) as database:
        return await list_api_keys(database, account=account)


@write_audit_lines()
def revoke_by_prefix(prefix: str) -> None:
    """Revoke a key, and say whose it was."""
    key = asyncio.run(put_revocation(read_settings(), prefix))
    typer.echo(f"{key.prefix} of account {key.account} is revoked")


async def put_revocation(settings: Settings, prefix: str) -> ApiKeyRecord:
    """Revoke a key in the database of the settings."""
    async with opened_database(settings, check_version) as database:
        return await revoke_key(database, prefix)


def to_key_table(keys: Iterable[ApiKeyRecord], *, now: datetime) -> Table:
    """Lay keys out for a terminal."""
    prefix = Column("prefix", no_wrap=True)
    table = Table(
        prefix, "account", "project", "scopes", "created", "last used", "state"
    )
    for key in keys:
        table.add_row(
            key.prefix,
            escape(key.account),
            "all" if key.project_id is None else str(key.project_id),
            " ".join(sorted(key.scopes)),
            to_day(key.created_at),
            "never" if key.last_used_at is None else to_day(key.last_used_at),
            to_validity(key, now=now),
        )
    return table


def to_validity(key: ApiKeyRecord, *, now: datetime) -> str:
    """Say whether a key is valid, expired or revoked, with the day of the change."""
    if key.revoked_at is not None:
        return f"revoked {to_day(key.revoked_at)}"
    if key.expires_at is None:
        return "valid"
    word = "valid until" if now < key.expires_at else "expired"
    return f"{word} {to_day(key.expires_at)}"


def to_day(instant: datetime) -> str:
    """Write an instant's day."""
    return f"{instant:%Y-%m-%d}"


def to_document(key: ApiKeyRecord) -> dict[str, Any]:
    """Convert what is stored of a key to JSON, without its digest."""
    return {
        "prefix": key.prefix,
        "account": key.account,
        "projectId": key.project_id,
        "scopes": sorted(key.scopes),
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
        "lastUsedAt": key.last_used_at,
    }


def print_json(value: object) -> None:
    """Print a value as one line of JSON, instants with a Z."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_UTC_Z))
