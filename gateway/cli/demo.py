"""`gateway demo`: a gateway with generated jobs, ready to try."""

import asyncio
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import typer
from pydantic import SecretStr

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.auth.token_rules import to_token_rules
from gateway.auth.tokens import TokenRequest, sign_token
from gateway.cli.demo_examples import read_examples
from gateway.cli.demo_text import to_demo_text
from gateway.cli.importing import import_files, to_context, to_import_request
from gateway.cli.made_catalogue import TENANTS
from gateway.cli.made_jobs import make_jobs
from gateway.errors import StartupError
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, opened_database
from gateway.store.migrate import ensure_current
from gateway.store.version import check_version, read_version
from gateway.store.writes import put_jobs
from gateway.web.app import create_app
from gateway.web.graphiql import GraphiqlAccount, GraphiqlDefaults
from gateway.web.logs import configure_logs
from gateway.web.server import STOP_SIGNALS, bind, serve_app, to_address

ACCOUNTS = tuple(tenant.account for tenant in TENANTS)
IMPORTED = "imported"
BATCH_ROWS = 1_000
# Longer than a demo is likely to run.
TOKEN_LIFETIME = timedelta(days=7)
SEED = 7
# Includes names and e-mail addresses: the demo's people are invented.
SCOPES = ("jobs:read", "usage:read", "profile", "email")


def serve_demo(
    *,
    host: str,
    port: int,
    folder: Path | None,
    jobs: int,
    files: tuple[str, Path] | None,
) -> None:
    """Fill a database, print what to try, and serve it until a signal.

    Raises:
        GatewayError: The address, the folder or the file cannot be used.
    """
    exit_at_signals()
    with open_folder(folder) as opened:
        path = opened / "gateway.db"
        settings = to_demo_settings(path)
        listener = bind(host, port)
        defaults = asyncio.run(prepare(settings, jobs, files))
        now = datetime.now(UTC)
        for line in to_demo_text(to_address(listener), path, defaults.accounts, now):
            typer.echo(line)
        sys.stdout.flush()
        configure_logs(settings)
        app = create_app(settings, defaults=defaults)
        serve_app(app, listener, settings)


def exit_at_signals() -> None:
    """Exit at a signal to stop, so that a temporary folder is removed."""

    def leave(*_: object) -> None:
        raise SystemExit(0)

    for number in STOP_SIGNALS:
        signal.signal(number, leave)


@contextmanager
def open_folder(folder: Path | None) -> Iterator[Path]:
    """Yield the folder for the database; a temporary one is removed at the end.

    Raises:
        StartupError: The folder cannot be made.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="job-gateway-") as temporary:
            yield Path(temporary)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise StartupError(f"cannot make the folder {folder}: {exc.strerror}") from exc
    yield folder


def to_demo_settings(path: Path) -> Settings:
    """Set a database and a JWT secret of its own, and open introspection."""
    return read_settings().replace(
        database_url=SecretStr(f"sqlite:///{path}"),
        jwt_secret=SecretStr(secrets.token_hex(32)),
        jwt_public_key=None,
        jwt_algorithms=(),
        public_introspection=True,
        upstreams=None,
        upstreams_file=None,
    )


async def prepare(
    settings: Settings, jobs: int, files: tuple[str, Path] | None
) -> GraphiqlDefaults:
    """Fill the database, unless it is filled, and return what GraphiQL starts with."""
    async with opened_database(settings, None) as database:
        if await read_version(database) is None:
            await ensure_current(database)
            await put_made_jobs(database, jobs)
        names = list(ACCOUNTS)
        if files is not None:
            await import_file(database, settings, *files)
            names.append(IMPORTED)
        await check_version(database)
        accounts = [await make_credentials(database, settings, name) for name in names]
        examples = await read_examples(database, settings, names[0])
        return replace(examples, accounts=tuple(accounts))


async def put_made_jobs(database: Database, count: int) -> None:
    """Write generated jobs, the same everywhere but for their instants."""
    made = make_jobs(count, now=datetime.now(UTC), seed=SEED)
    while batch := list(islice(made, BATCH_ROWS)):
        async with database.transaction() as conn:
            for account in dict.fromkeys(name for name, _ in batch):
                records = [record for name, record in batch if name == account]
                await put_jobs(conn, account, records)


async def import_file(
    database: Database, settings: Settings, format_name: str, path: Path
) -> None:
    """Import a file for the account `imported`, and print the outcome."""
    context = to_context(settings)
    request = to_import_request(format_name, [path], IMPORTED, context)
    summary = await import_files(database, request)
    typer.echo(f"{path}: {summary}\n")


async def make_credentials(
    database: Database, settings: Settings, name: str
) -> GraphiqlAccount:
    """Make a key and sign a token for an account."""
    key = KeyRequest(account=name, scopes=SCOPES, prefix="demo_")
    issued = await issue_key(database, key)
    token = TokenRequest(
        account=name,
        subject="demo",
        scopes=SCOPES,
        expires_at=datetime.now(UTC) + TOKEN_LIFETIME,
    )
    return GraphiqlAccount(
        name=name,
        api_key=issued.text,
        jwt=sign_token(token, to_token_rules(settings)),
    )
