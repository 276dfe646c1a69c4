"""`gateway keys`: API keys handed out, taken over, listed and revoked."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from gateway.auth.issuing import IssuedKey, KeyRequest, issue_key, revoke_key
from gateway.auth.keys import parse_expiry
from gateway.auth.taking_over import KeyImport, import_keys
from gateway.cli.audited import audited
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from gateway.store.keys import ApiKeyRecord, list_api_keys
from gateway.store.migrate import ensure_current
from gateway.store.version import check_version

keys_app = typer.Typer(
    name="keys",
    help="Hand out, take over, list and revoke API keys.",
    no_args_is_help=True,
    add_completion=False,
    callback=audited,
)

Account = Annotated[str, typer.Option(help="Whose jobs a key may see.")]
Project = Annotated[
    int | None, typer.Option(help="The only project it may see; else all.")
]
Scope = Annotated[
    list[str] | None,
    typer.Option(help="What it may do; repeat for more; else GATEWAY_DEFAULT_SCOPES."),
]
Expires = Annotated[
    str | None,
    typer.Option(help="12h, 90d, 4w, 1y, or an RFC 3339 instant; else never."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


@keys_app.command("create")
def create(
    *,
    account: Account,
    project: Project = None,
    scope: Scope = None,
    expires: Expires = None,
    prefix: Annotated[str, typer.Option(help="What the key begins with.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an API key and print it, this once."""
    settings = read_settings()
    request = KeyRequest(
        account=account,
        project_id=project,
        scopes=scope or settings.default_scopes,
        expires_at=to_expiry(expires),
        prefix=prefix,
    )
    issued = asyncio.run(create_key(settings, request))
    if as_json:
        print_json({"key": issued.text, **to_json(issued.record)})
        return
    typer.echo(issued.text)
    # Apart from the key, so that a script can take standard output as it is.
    typer.echo(
        f"keep it now: only its prefix {issued.record.prefix} and a digest are stored",
        err=True,
    )


def to_expiry(text: str | None) -> datetime | None:
    """Read when a key expires, if it does."""
    return None if text is None else parse_expiry(text, now=datetime.now(UTC))


async def create_key(settings: Settings, request: KeyRequest) -> IssuedKey:
    """Issue a key, migrating the database first if it is new."""
    async with opened(settings) as database:
        await ensure_current(database)
        return await issue_key(database, request)


@keys_app.command("import")
def take_over(
    file: Annotated[
        typer.FileText, typer.Argument(help="One key a line; - is standard input.")
    ],
    *,
    account: Account,
    project: Project = None,
    scope: Scope = None,
    expires: Expires = None,
    as_json: AsJson = False,
) -> None:
    """Take over keys of any text that clients hold already, and print their names."""
    settings = read_settings()
    request = KeyRequest(
        account=account,
        project_id=project,
        scopes=scope or settings.default_scopes,
        expires_at=to_expiry(expires),
    )
    taken = asyncio.run(take_over_keys(settings, file.readlines(), request))
    if as_json:
        print_json([to_json(key) for key in taken.new])
        return
    for key in taken.new:
        typer.echo(key.prefix)
    typer.echo(f"{account}: keys new {len(taken.new)}, known {taken.known}", err=True)


async def take_over_keys(
    settings: Settings, texts: Sequence[str], request: KeyRequest
) -> KeyImport:
    """Import keys, migrating the database first if it is new."""
    async with opened(settings) as database:
        await ensure_current(database)
        return await import_keys(database, texts, request)


@keys_app.command("list")
def show(
    *,
    account: Annotated[
        str | None, typer.Option(help="Whose keys; else of all accounts.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List API keys: what is stored of them, so no secret."""
    keys = asyncio.run(read_keys(read_settings(), account))
    if as_json:
        print_json([to_json(key) for key in keys])
        return
    Console().print(to_table(keys, now=datetime.now(UTC)))


async def read_keys(
    settings: Settings, account: str | None
) -> tuple[ApiKeyRecord, ...]:
    """Read the keys to list."""
    async with opened(settings) as database:
        await check_version(database)
        return await list_api_keys(database, account=account)


@keys_app.command("revoke")
def revoke(
    prefix: Annotated[str, typer.Argument(help="The prefix of the key.")],
) -> None:
    """Revoke an API key, for good; all replicas refuse it within two seconds."""
    key = asyncio.run(revoke_by_prefix(read_settings(), prefix))
    typer.echo(f"{key.prefix} of account {key.account} is revoked")


async def revoke_by_prefix(settings: Settings, prefix: str) -> ApiKeyRecord:
    """Revoke a key of a database that is there."""
    async with opened(settings) as database:
        await check_version(database)
        return await revoke_key(database, prefix)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database for the length of a command."""
    database = open_database(settings)
    try:
        yield database
    finally:
        await database.close()


def to_table(keys: Iterable[ApiKeyRecord], *, now: datetime) -> Table:
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
            to_state(key, now=now),
        )
    return table


def to_state(key: ApiKeyRecord, *, now: datetime) -> str:
    """Say whether a key holds, and since or until when."""
    if key.revoked_at is not None:
        return f"revoked {to_day(key.revoked_at)}"
    if key.expires_at is None:
        return "valid"
    word = "valid until" if now < key.expires_at else "expired"
    return f"{word} {to_day(key.expires_at)}"


def to_day(instant: datetime) -> str:
    """Write an instant's day."""
    return f"{instant:%Y-%m-%d}"


def to_json(key: ApiKeyRecord) -> dict[str, Any]:
    """Write what is stored of a key, but for its digest."""
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
