"""`gateway demo`: a gateway with made jobs, one command and no questions."""

import asyncio
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from pydantic import SecretStr

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.auth.token_rules import to_token_rules
from gateway.auth.tokens import TokenRequest, sign_token
from gateway.cli.demo_examples import Examples, read_examples
from gateway.cli.demo_text import DemoAccount, to_lines
from gateway.cli.importing import ImportRequest, import_files
from gateway.cli.made_catalogue import TENANTS
from gateway.cli.made_jobs import make_jobs
from gateway.cli.serve import Host, Port
from gateway.dialects.context import DecodeContext
from gateway.errors import StartupError
from gateway.records import JobRecord
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from gateway.store.migrate import ensure_current
from gateway.store.version import check_version, read_version
from gateway.store.writes import put_jobs
from gateway.web.app import create_app
from gateway.web.graphiql import GraphiqlAccount, GraphiqlDefaults
from gateway.web.logs import configure_logs
from gateway.web.server import STOP_SIGNALS, bind, serve, to_address

ACCOUNTS = tuple(tenant.account for tenant in TENANTS)
IMPORTED = "imported"
BATCH_ROWS = 1_000
# As long as anybody looks at a demo.
TOKEN_LIFETIME = timedelta(days=7)
SEED = 7
# Names and addresses of people, too: those of the demo are made.
SCOPES = ("jobs:read", "usage:read", "profile", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRequest:
    """What the demo shall hold."""

    jobs: int
    format_name: str | None
    path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What the demo tells a visitor, in the terminal and on the page."""

    accounts: list[DemoAccount]
    defaults: GraphiqlDefaults


def demo(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where to keep the database; else a temporary folder."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Jobs to make.")] = 20_000,
    files: Annotated[
        tuple[str, Path] | None,
        typer.Option(
            "--import",
            metavar="FORMAT FILE",
            help="Import a file, too, as the jobs of the account `imported`.",
        ),
    ] = None,
) -> None:
    """Serve made jobs of two accounts, with credentials and commands to try."""
    format_name, path = files or (None, None)
    request = DemoRequest(jobs=jobs, format_name=format_name, path=path)
    with stopped_quietly(), opened_folder(folder) as opened:
        settings = to_demo_settings(opened / "gateway.db")
        listener = bind(host, port)
        prepared = asyncio.run(prepare(settings, request))
        address, now = to_address(listener), datetime.now(UTC)
        for line in to_lines(address, prepared.accounts, now):
            typer.echo(line)
        sys.stdout.flush()
        configure_logs(settings)
        app = create_app(settings, defaults=prepared.defaults)
        serve(app, listener, settings)


@contextmanager
def stopped_quietly() -> Iterator[None]:
    """Have a signal to stop leave the block, so that a temporary folder goes, too."""

    def leave(*_: object) -> None:
        raise SystemExit(0)

    for number in STOP_SIGNALS:
        signal.signal(number, leave)
    yield


@contextmanager
def opened_folder(folder: Path | None) -> Iterator[Path]:
    """Give the folder of the database; a temporary one is removed at the end.

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
    """Give settings of a demo: its own database and secret, open introspection."""
    return read_settings().replace(
        database_url=SecretStr(f"sqlite:///{path}"),
        jwt_secret=SecretStr(secrets.token_hex(32)),
        jwt_public_key=None,
        jwt_algorithms=(),
        public_introspection=True,
        upstreams=None,
        upstreams_file=None,
    )


async def prepare(settings: Settings, request: DemoRequest) -> Prepared:
    """Fill the database, unless it is filled, and give what there is to try."""
    database = open_database(settings)
    try:
        if await read_version(database) is None:
            await ensure_current(database)
            await fill(database, request.jobs)
        names = list(ACCOUNTS)
        if request.path is not None:
            await import_file(database, settings, request)
            names.append(IMPORTED)
        await check_version(database)
        accounts = [await to_account(database, settings, name) for name in names]
        examples = await read_examples(database, settings, names[0])
        return Prepared(accounts=accounts, defaults=to_defaults(accounts, examples))
    finally:
        await database.close()


async def fill(database: Database, count: int) -> None:
    """Write made jobs, the same on every machine but for the time they end at."""
    made = make_jobs(count, now=datetime.now(UTC), seed=SEED)
    while batch := by_account(islice(made, BATCH_ROWS)):
        async with database.transaction() as conn:
            for account, records in batch.items():
                await put_jobs(conn, account, records)


def by_account(made: Iterable[tuple[str, JobRecord]]) -> dict[str, list[JobRecord]]:
    """Group records by their accounts."""
    records: dict[str, list[JobRecord]] = {}
    for account, record in made:
        records.setdefault(account, []).append(record)
    return records


async def import_file(
    database: Database, settings: Settings, request: DemoRequest
) -> None:
    """Import the file the command line names, and say what became of it."""
    if request.path is None or request.format_name is None:
        return
    context = DecodeContext(
        project_id=None, time_zone=ZoneInfo(settings.sharedcloud_time_zone)
    )
    summary = await import_files(
        database,
        ImportRequest(
            format_name=request.format_name,
            paths=(request.path,),
            account=IMPORTED,
            context=context,
        ),
    )
    typer.echo(f"{request.path}: {summary}\n")


async def to_account(database: Database, settings: Settings, name: str) -> DemoAccount:
    """Make a key and sign a token for an account."""
    key = KeyRequest(account=name, scopes=SCOPES, prefix="demo_")
    issued = await issue_key(database, key)
    token = TokenRequest(
        account=name,
        subject="demo",
        scopes=SCOPES,
        expires_at=datetime.now(UTC) + TOKEN_LIFETIME,
    )
    return DemoAccount(
        name=name,
        api_key=issued.text,
        jwt=sign_token(token, to_token_rules(settings)),
    )


def to_defaults(accounts: list[DemoAccount], examples: Examples) -> GraphiqlDefaults:
    """Give the page the credentials of all accounts, and what to ask the first for."""
    return GraphiqlDefaults(
        accounts=tuple(
            GraphiqlAccount(name=each.name, api_key=each.api_key, jwt=each.jwt)
            for each in accounts
        ),
        job_identifier=examples.job_identifier,
        model_identifier=examples.model_identifier,
    )
