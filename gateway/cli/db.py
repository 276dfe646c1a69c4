"""`gateway db`: the database's version, how much is in it, and its usage figures."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.auth.audit import log_usage_rebuilt
from gateway.auth.names import parse_account
from gateway.cli.accounts import check_account
from gateway.cli.audited import audited
from gateway.settings import Settings, read_settings
from gateway.store.accounts import read_accounts
from gateway.store.database import Database, open_database
from gateway.store.migrate import upgrade
from gateway.store.status import AccountCounts, read_counts
from gateway.store.usage.rebuild import rebuild_usage
from gateway.store.usage.verify import verify_usage
from gateway.store.version import NEEDED_VERSION, check_version, read_version

__all__ = ["db_app"]

db_app = typer.Typer(
    name="db",
    help="Migrate the database, see its state, and check its usage figures.",
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
    before = asyncio.run(upgrade(read_settings()))
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
        return await read_counts(database)
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
