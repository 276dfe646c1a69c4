"""`gateway db`: the database's version, and how much is in it."""

import asyncio
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from gateway.settings import Settings, read_settings
from gateway.store.database import open_database
from gateway.store.migrate import upgrade
from gateway.store.status import AccountCounts, read_counts
from gateway.store.version import NEEDED_VERSION, check_version, read_version

__all__ = ["db_app"]

db_app = typer.Typer(
    name="db",
    help="Migrate the database, and see its state.",
    no_args_is_help=True,
    add_completion=False,
)


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
