"""A data set to the database, with what is broken about it."""

from typing import Any

from sqlalchemy import Table, update

from gateway.store.database import Database
from gateway.store.tables import job_inputs, jobs
from gateway.store.usage.rebuild import rebuild_usage
from tests.factories import make_job, put
from tests.oracle.records import Kept, World


async def write(database: Database, world: World) -> None:
    """Write a data set beside another account's jobs, which nobody asks for."""
    await put(database, "other", *world.records[::2], make_job())
    await put(database, world.account, *world.records)
    for kept in world.jobs:
        await break_job(database, world.account, kept)
    if any(kept.broken for kept in world.jobs):
        await rebuild_usage(database, world.account)


async def break_job(database: Database, account: str, kept: Kept) -> None:
    """Change columns of a job behind the gateway's back."""
    columns = dict(kept.broken)
    status = columns.pop("input_status", None)
    if status is not None:
        await change(database, job_inputs, account, kept, {"status": status})
    if columns:
        await change(database, jobs, account, kept, columns)


async def change(
    database: Database, table: Table, account: str, kept: Kept, values: dict[str, Any]
) -> None:
    """Change the rows of a job; of its inputs the first."""
    rows = [table.c.account == account, table.c.job_id == kept.number]
    if "position" in table.c:
        rows.append(table.c.position == 0)
    async with database.transaction() as conn:
        await conn.execute(update(table).where(*rows).values(values))
