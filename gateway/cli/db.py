"""`gateway db`: the database's version, what is in it, and its usage figures."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.auth.audit import log_upstream_forgotten, log_usage_rebuilt
from gateway.auth.names import parse_account
from gateway.cli.accounts import check_account
from gateway.cli.audited import audited
from gateway.errors import InputError
from gateway.settings import Settings, read_settings
from gateway.store.accounts import read_accounts
from gateway.store.database import Database, open_database
from gateway.store.migrate import upgrade_database
from gateway.store.status import AccountCounts, read_account_counts
from gateway.store.upstreams import UpstreamKey, delete_upstream, read_upstreams_of
from gateway.store.usage.rebuild import rebuild_usage
from gateway.store.usage.verify import verify_usage
from gateway.store.version import NEEDED_VERSION, check_version, read_version

db_app = typer.Typer(
    name="db",
    help="Migrate the database, see its state, check its usage figures, forget an"
    " upstream.",
    no_args_is_help=True,
    add_completion=False,
    callback=audited,
)

Account = Annotated[
    str | None, typer.Option(help="Of this account only.", show_default="all")
]


@db_app.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the version this code needs."""
    before = asyncio.run(upgrade_database(read_settings()))
    if before == NEEDED_VERSION:
        typer.echo(f"the database is at revision {before} already")
        return
    was = "new" if before is None else f"at revision {before}"
    typer.echo(f"the database was {was} and is now at revision {NEEDED_VERSION}")


@db_app.command("status")
def status_command() -> None:
    """Show the database's version, and how much each account has."""
    counts = asyncio.run(read_status(read_settings()))
    if counts:
        Console().print(to_table(counts))


async def read_status(settings: Settings) -> Sequence[AccountCounts]:
    """Print the versions, and count the rows of a database that is at the right one.

    Raises:
        MigrationError: It is at another version.
    """
    database = open_database(settings)
    try:
        version = await read_version(database)
        typer.echo(f"database revision: {version or 'none'}")
        typer.echo(f"needed revision: {NEEDED_VERSION}")
        await check_version(database)
        return await read_account_counts(database)
    finally:
        await database.close()


def to_table(counts: Sequence[AccountCounts]) -> Table:
    """Lay counts out for a terminal."""
    table = Table("account", "jobs", "users", "models", "projects")
    for row in counts:
        numbers = (row.jobs, row.users, row.models, row.projects)
        table.add_row(row.account, *(f"{number:,}" for number in numbers))
    return table


@db_app.command("rebuild-usage")
def rebuild_command(account: Account = None) -> None:
    """Make the usage figures anew from the jobs; imports wait, queries do not."""
    asyncio.run(rebuild(read_settings(), account))


@db_app.command("verify-usage")
def verify_command(
    account: Account = None,
    limit: Annotated[
        int, typer.Option(min=1, help="How many differences to show of an account.")
    ] = 20,
) -> None:
    """Compare the usage figures with the jobs; exit with 1 if they differ."""
    if asyncio.run(verify(read_settings(), account, limit)):
        raise typer.Exit(1)


@db_app.command("forget-upstream")
def forget_command(
    name: Annotated[str, typer.Argument(help="What the upstream is called.")],
    account: Annotated[str, typer.Option(help="Whose it is.")],
) -> None:
    """Forget an upstream that is not read any more, and how far it was; jobs stay."""
    key = UpstreamKey(account=parse_account(account), name=name)
    asyncio.run(forget(read_settings(), key))
    typer.echo(f"{account}: {name} is forgotten; its jobs stay")


async def forget(settings: Settings, key: UpstreamKey) -> None:
    """Forget an upstream.

    Raises:
        InputError: There is none, or a process reads it.
    """
    async with opened(settings) as database:
        await check_account(database, key.account)
        async with database.transaction() as conn:
            is_forgotten = await delete_upstream(conn, key, datetime.now(UTC))
        if is_forgotten:
            log_upstream_forgotten(key.account, key.name)
            return
        known = await read_upstreams_of(database, key.account, None)
    names = [record.name for record in known]
    if key.name in names:
        raise InputError(
            f"a process reads {key.name!r}; take it out of that one's settings first"
        )
    raise InputError(
        f"there is no upstream {key.name!r}; there are {', '.join(names) or 'none'}"
    )


async def rebuild(settings: Settings, account: str | None) -> None:
    """Make figures anew, each account in a transaction of its own."""
    async with opened(settings) as database:
        for name in await choose(database, account):
            rebuilt = await rebuild_usage(database, name)
            log_usage_rebuilt(name, figures=rebuilt.figures, jobs=rebuilt.jobs)
            typer.echo(
                f"{name}: {rebuilt.figures:,} usage figures made anew from"
                f" {rebuilt.jobs:,} jobs"
            )


async def verify(settings: Settings, account: str | None, limit: int) -> bool:
    """Print what differs, and tell whether anything does."""
    differs = False
    async with opened(settings) as database:
        for name in await choose(database, account):
            found = await verify_usage(database, name, limit)
            for difference in found:
                typer.echo(f"{name}: {difference}")
            if found:
                most = "at least " if len(found) == limit else ""
                typer.echo(
                    f"{name}: {most}{len(found)} usage figures differ from the jobs;"
                    " run `gateway db rebuild-usage`"
                )
            else:
                typer.echo(f"{name}: the usage figures agree with the jobs")
            differs = differs or bool(found)
    return differs


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Give a database that is at the right version.

    Raises:
        MigrationError: It is at another version.
    """
    database = open_database(settings)
    try:
        await check_version(database)
        yield database
    finally:
        await database.close()


async def choose(database: Database, account: str | None) -> Sequence[str]:
    """Give the accounts that are meant.

    Raises:
        InputError: The one that is named is not there.
    """
    if account is None:
        return await read_accounts(database)
    await check_account(database, parse_account(account))
    return [account]
