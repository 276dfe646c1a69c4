"""Tables to plain values, for comparing what two ways of writing left behind."""

from typing import Any

from sqlalchemy import Table, select

from gateway.store.database import Database
from gateway.store.tables import accounts, metadata

# When an account came is the one thing that two runs cannot have in common.
VARYING = (accounts.c.created_at,)


async def read_rows(database: Database, table: Table) -> list[dict[str, Any]]:
    """Read the rows of a table in the order of their keys."""
    columns = [column for column in table.columns if column not in set(VARYING)]
    statement = select(*columns).order_by(*table.primary_key.columns)
    async with database.reader.connect() as conn:
        rows = await conn.execute(statement)
        return [dict(row) for row in rows.mappings()]


async def read_all(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Read all rows of all tables."""
    return {
        table.name: await read_rows(database, table) for table in metadata.sorted_tables
    }
