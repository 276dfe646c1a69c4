"""`gateway db`: the database's version, what is in it, and its usage figures."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import typer
from rich.console import Console
from rich.table import Table

from gateway.auth.audit import log_upstream_forgotten, log_usage_rebuilt
from gateway.auth.names import parse_account
from gateway.cli.audited import write_audit_lines
from gateway.cli.databases import check_account, run_on_database
from gateway.errors import InputError
from gateway.settings import read_settings
from gateway.store.accounts import read_accounts
from gateway.store.database import Database
from gateway.store.migrate import upgrade_database
from gateway.store.status import AccountCounts, read_account_counts
from gateway.store.upstreams import UpstreamKey, delete_upstream, read_upstreams_of
from gateway.store.usage.rebuild import rebuild_usage
from gateway.store.usage.verify import verify_usage
from gateway.store.version import NEEDED_VERSION, check_version, read_version


@write_audit_lines()
def migrate_database() -> None:
    """Migrate the database, and print the version before and after."""
    before = asyncio.run(upgrade_database(read_settings()))
    if before == NEEDED_VERSION:
        typer.echo(f"the database is at revision {before} already")
        return
    was = "new" if before is None else f"at revision {before}"
    typer.echo(f"the database was {was} and is now at revision {NEEDED_VERSION}")


def show_status() -> None:
    """Print the database's version, and how much each account has."""
    if counts := run_on_database(read_settings(), None, read_status):
        Console().print(to_status_table(counts))


async def read_status(database: Database) -> Sequence[AccountCounts]:
    """Print the versions, and count the rows of a database that is at the right one.

    Raises:
        MigrationError: It is at another version.
    """
    version = await read_version(database)
    typer.echo(f"database revision: {version or 'none'}")
    typer.echo(f"needed revision: {NEEDED_VERSION}")
    await check_version(database)
    return await read_account_counts(database)


def to_status_table(counts: Sequence[AccountCounts]) -> Table:
    """Make a table of the counts."""
    table = Table("account", "jobs", "users", "models", "projects")
    for row in counts:
        numbers = (row.jobs, row.users, row.models, row.projects)
        table.add_row(row.account, *(f"{number:,}" for number in numbers))
    return table


@write_audit_lines()
def rebuild_figures(account: str | None) -> None:
    """Recompute the usage figures from the jobs."""
    run_on_database(
        read_settings(), check_version, partial(rebuild_accounts, account=account)
    )


async def rebuild_accounts(database: Database, account: str | None) -> None:
    """Recompute the usage figures, each account in its own transaction."""
    for name in await choose_accounts(database, account):
        rebuilt = await rebuild_usage(database, name)
        log_usage_rebuilt(name, figures=rebuilt.figures, jobs=rebuilt.jobs)
        typer.echo(
            f"{name}: {rebuilt.figures:,} usage figures made anew from"
            f" {rebuilt.jobs:,} jobs"
        )


def verify_figures(account: str | None, limit: int) -> None:
    """Compare usage figures with the jobs, and exit with 1 if they differ."""
    work = partial(verify_accounts, account=account, limit=limit)
    if run_on_database(read_settings(), check_version, work):
        raise typer.Exit(1)


async def verify_accounts(database: Database, account: str | None, limit: int) -> bool:
    """Print each difference; return whether there is any."""
    differs = False
    for name in await choose_accounts(database, account):
        found = await verify_usage(database, name, limit)
        for difference in found:
            typer.echo(f"{name}: {difference}")
        if found:
            differs = True
            most = "at least " if len(found) == limit else ""
            typer.echo(
                f"{name}: {most}{len(found)} usage figures differ from the jobs;"
                " run `gateway db rebuild-usage`"
            )
        else:
            typer.echo(f"{name}: the usage figures agree with the jobs")
    return differs


async def choose_accounts(database: Database, account: str | None) -> Sequence[str]:
    """List the account that is named, or all.

    Raises:
        InputError: There is no account of the name.
    """
    if account is None:
        return await read_accounts(database)
    await check_account(database, parse_account(account))
    return [account]


@write_audit_lines()
def forget_upstream(name: str, account: str) -> None:
    """Delete what is stored of an upstream, but for its jobs."""
    key = UpstreamKey(account=parse_account(account), name=name)
    work = partial(delete_unread_upstream, key=key)
    run_on_database(read_settings(), check_version, work)
    typer.echo(f"{account}: {name} is forgotten; its jobs stay")


async def delete_unread_upstream(database: Database, key: UpstreamKey) -> None:
    """Delete an upstream that no process reads.

    Raises:
        InputError: There is none, or a process reads it.
    """
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
