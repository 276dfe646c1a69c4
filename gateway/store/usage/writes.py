"""Changes of the usage figures to the database, in the transaction of their jobs."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Dialect, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.statements import Rows, to_insert
from gateway.store.tables import usage_costs, usage_points
from gateway.store.usage.changes import Changes

# The columns that count: where they are 0, there is nothing, and no row.
COUNTS = {usage_points: ("starts", "ends"), usage_costs: ("jobs",)}


async def put_usage(conn: AsyncConnection, account: str, changes: Changes) -> None:
    """Add changes to an account's figures; who calls has the account's lock."""
    for table, rows in ((usage_points, changes.points), (usage_costs, changes.costs)):
        added = [(account, *row) for row in rows]
        await run(conn, to_addition(table, conn.dialect), added)
        shrunk = to_shrunk(table, added)
        await run(conn, to_removal(table, conn.dialect), shrunk)


async def run(conn: AsyncConnection, sql: str, rows: Rows) -> None:
    """Run a statement for rows: SQLite takes them one by one, PostgreSQL as arrays."""
    if not rows:
        return
    if conn.dialect.name == "sqlite":
        await conn.exec_driver_sql(sql, list(rows))
        return
    columns = tuple(map(list, zip(*rows, strict=True)))
    await conn.exec_driver_sql(sql, columns)


def to_shrunk(table: Table, rows: Rows) -> Rows:
    """Give the keys of figures that count less than before."""
    width = len(to_keys(table))
    counts = [width + to_figures(table).index(name) for name in COUNTS[table]]
    return [row[:width] for at in counts for row in rows if row[at] < 0]


def to_keys(table: Table) -> tuple[str, ...]:
    """Name the columns that tell what figures are of."""
    return tuple(table.primary_key.columns.keys())


def to_figures(table: Table) -> tuple[str, ...]:
    """Name the columns of figures."""
    return tuple(column.name for column in table.columns if not column.primary_key)


@lru_cache(maxsize=8)
def to_addition(table: Table, dialect: Dialect) -> str:
    """Write the statement that adds figures to those that are there."""
    keys, figures = to_keys(table), to_figures(table)
    insert = to_insert(table, (*keys, *figures), dialect)
    if dialect.name != "sqlite":
        into = insert.partition(" VALUES ")[0]
        arrays = to_arrays(table, (*keys, *figures))
        insert = f"{into} SELECT * FROM {arrays}"  # noqa: S608 -- names of tables.py
    sums = ", ".join(
        f"{name} = {table.name}.{name} + excluded.{name}" for name in figures
    )
    return f"{insert} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sums}"


@lru_cache(maxsize=8)
def to_removal(table: Table, dialect: Dialect) -> str:
    """Write the statement that removes figures that count nothing any more."""
    keys = to_keys(table)
    nothing = " AND ".join(f"{table.name}.{name} = 0" for name in COUNTS[table])
    if dialect.name == "sqlite":
        same = " AND ".join(f"{name} = ?" for name in keys)
        return f"DELETE FROM {table.name} WHERE {same} AND {nothing}"  # noqa: S608 -- names of tables.py
    arrays = f"{to_arrays(table, keys)} AS gone ({', '.join(keys)})"
    same = " AND ".join(f"{table.name}.{name} = gone.{name}" for name in keys)
    return f"DELETE FROM {table.name} USING {arrays} WHERE {same} AND {nothing}"  # noqa: S608 -- names of tables.py


def to_arrays(table: Table, names: Sequence[str]) -> str:
    """Write PostgreSQL's table of arrays, one for each column."""
    arrays = (
        f"${at}::{'text' if isinstance(table.c[name].type, Text) else 'bigint'}[]"
        for at, name in enumerate(names, 1)
    )
    return f"unnest({', '.join(arrays)})"
