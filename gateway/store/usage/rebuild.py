"""Rebuilding the usage figures from the jobs, in the database itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.accounts import lock_account
from gateway.store.database import Database
from gateway.store.tables import accounts, jobs, usage_points
from gateway.store.usage.spans import SPAN_HOURS
from gateway.store.usage.sums import (
    FIGURES,
    KEYS,
    SPLITS,
    TABLES,
    select_hour_sums,
    select_span_sums,
)

# Jobs that are grouped at once: SQLite groups in memory.
CHUNK_JOBS = 250_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuiltUsage:
    """An account whose figures were rebuilt, and the numbers of jobs and figures."""

    account: str
    jobs: int
    figures: int


async def rebuild_usage(database: Database, account: str) -> RebuiltUsage:
    """Rebuild an account's figures in one transaction; others read the old until then.

    Raises:
        InputError: There is no such account.
        DatabaseUnavailableError: The database cannot be reached.
    """
    async with database.transaction() as conn:
        await lock_account(conn, account)
        await rebuild_account(conn, account)
        return RebuiltUsage(
            account=account,
            jobs=await count_rows(conn, jobs, account),
            figures=await count_rows(conn, usage_points, account),
        )


async def rebuild_all(conn: AsyncConnection) -> None:
    """Rebuild the figures of all accounts; the caller is the only writer."""
    for account in (await conn.scalars(select(accounts.c.account))).all():
        await rebuild_account(conn, account)


async def rebuild_account(conn: AsyncConnection, account: str) -> None:
    """Rebuild an account's figures; the caller has locked it."""
    for table in TABLES:
        await conn.execute(table.delete().where(table.c.account == account))
    next_id = select(accounts.c.next_job_id).where(accounts.c.account == account)
    for ids in to_chunks((await conn.scalar(next_id)) or 1):
        for table in TABLES:
            for split in SPLITS:
                sums = select_hour_sums(table, split)
                await insert_sums(
                    conn, table, SPAN_HOURS[0], sums, account=account, **ids
                )
    for level, span_hours in enumerate(SPAN_HOURS[1:], 1):
        for table in TABLES:
            sums = select_span_sums(table, level)
            await insert_sums(conn, table, span_hours, sums, account=account)


def to_chunks(next_id: int) -> Iterator[dict[str, int]]:
    """Split the numbers of an account's jobs into ranges."""
    for first in range(1, next_id, CHUNK_JOBS):
        yield {"first": first, "last": first + CHUNK_JOBS - 1}


async def insert_sums(
    conn: AsyncConnection,
    table: Table,
    span_hours: int,
    sums: str,
    **values: Any,  # noqa: ANN401 -- of any bind parameter
) -> None:
    """Insert sums, or add them to the figures that are there."""
    keys, figures = ", ".join(KEYS[table]), ", ".join(FIGURES[table])
    added = ", ".join(
        f"{name} = {table.name}.{name} + excluded.{name}" for name in FIGURES[table]
    )
    sql = (
        f"INSERT INTO {table.name} (account, span_hours, {keys}, {figures})"  # noqa: S608 -- constant names
        f" SELECT :account, {span_hours}, summed.* FROM ({sums}) AS summed WHERE true"
        f" ON CONFLICT (account, span_hours, {keys}) DO UPDATE SET {added}"
    )
    await conn.execute(text(sql), values)


async def count_rows(conn: AsyncConnection, table: Table, account: str) -> int:
    """Count the rows of an account."""
    counted = select(func.count()).where(table.c.account == account)
    return (await conn.scalar(counted)) or 0
