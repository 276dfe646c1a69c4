"""`gateway keys`: issue, import, list and revoke API keys."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from gateway.auth.issuing import KeyRequest, issue_key, revoke_key
from gateway.auth.keys import parse_expiry
from gateway.auth.taking_over import import_keys
from gateway.cli.audited import write_audit_lines
from gateway.cli.databases import run_on_database
from gateway.settings import Settings, read_settings
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
    request = replace(request, prefix=prefix)
    issued = run_on_database(
        settings, ensure_current, lambda database: issue_key(database, request)
    )
    if as_json:
        print_json({"key": issued.text, **to_key_json(issued.record)})
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
    """Convert options of the command line to a request for keys.

    Raises:
        InputError: The expiry is not one.
    """
    return KeyRequest(
        account=account,
        project_id=project,
        scopes=scope or settings.default_scopes,
        expires_at=expires
        if expires is None
        else parse_expiry(expires, now=datetime.now(UTC)),
    )


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
    """Import keys that clients already have, and print the prefixes of the new ones."""
    settings = read_settings()
    request = to_key_request(settings, account, project, scope, expires)
    texts = file.readlines()
    taken = run_on_database(
        settings, ensure_current, lambda database: import_keys(database, texts, request)
    )
    if as_json:
        print_json([to_key_json(key) for key in taken.new])
        return
    for key in taken.new:
        typer.echo(key.prefix)
    typer.echo(f"{account}: keys new {len(taken.new)}, known {taken.known}", err=True)


def list_keys(*, account: str | None, as_json: bool) -> None:
    """Print what is stored of keys."""
    keys = run_on_database(
        read_settings(), check_version, partial(list_api_keys, account=account)
    )
    if as_json:
        print_json([to_key_json(key) for key in keys])
        return
    Console().print(to_key_table(keys, now=datetime.now(UTC)))


@write_audit_lines()
def revoke_by_prefix(prefix: str) -> None:
    """Revoke a key, and say whose it was."""
    key = run_on_database(
        read_settings(), check_version, lambda database: revoke_key(database, prefix)
    )
    typer.echo(f"{key.prefix} of account {key.account} is revoked")


def to_key_table(keys: Iterable[ApiKeyRecord], *, now: datetime) -> Table:
    """Make a table of keys."""
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


def to_key_json(key: ApiKeyRecord) -> dict[str, Any]:
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
