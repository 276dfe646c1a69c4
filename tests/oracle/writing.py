"""A data set to the database, with what is broken about it."""

from typing import Any

from sqlalchemy import Table, update

from gateway.store.database import Database
from gateway.store.tables import job_inputs, jobs
from gateway.store.usage.rebuild import rebuild_usage
from tests.factories import make_job, put
from tests.oracle.records import StoredJob, World


async def write(database: Database, world: World) -> None:
    """Write a data set beside another account's jobs, which nobody asks for."""
    await put(database, "other", *world.records[::2], make_job())
    await put(database, world.account, *world.records)
    for stored in world.jobs:
        await break_job(database, world.account, stored)
    if any(stored.broken for stored in world.jobs):
        await rebuild_usage(database, world.account)


async def break_job(database: Database, account: str, stored: StoredJob) -> None:
    """Change columns of a job behind the gateway's back."""
    columns = dict(stored.broken)
    status = columns.pop("input_status", None)
    if status is not None:
        await change(database, job_inputs, account, stored, {"status": status})
    if columns:
        await change(database, jobs, account, stored, columns)


async def change(
    database: Database,
    table: Table,
    account: str,
    stored: StoredJob,
    values: dict[str, Any],
) -> None:
    """Change the rows of a job; of its inputs the first."""
    rows = [table.c.account == account, table.c.job_id == stored.number]
    if "position" in table.c:
        rows.append(table.c.position == 0)
    async with database.transaction() as conn:
        await conn.execute(update(table).where(*rows).values(values))
