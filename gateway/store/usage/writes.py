"""Writing changes of the usage figures, in the transaction of their jobs."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Dialect, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.statements import Rows, insert_sql
from gateway.store.tables import usage_costs, usage_points
from gateway.store.usage.changes import Changes

# The columns that count jobs: a row in which they are 0 is deleted.
COUNTS = {usage_points: ("starts", "ends"), usage_costs: ("jobs",)}


async def put_usage(conn: AsyncConnection, account: str, changes: Changes) -> None:
    """Add changes to an account's figures; the caller has locked it."""
    for table, rows in ((usage_points, changes.points), (usage_costs, changes.costs)):
        added = [(account, *row) for row in rows]
        await execute_rows(conn, addition_sql(table, conn.dialect), added)
        shrunk = to_shrunk_keys(table, added)
        await execute_rows(conn, removal_sql(table, conn.dialect), shrunk)


async def execute_rows(conn: AsyncConnection, sql: str, rows: Rows) -> None:
    """Run a statement for rows, which PostgreSQL takes as arrays of columns."""
    if not rows:
        return
    if conn.dialect.name == "sqlite":
        await conn.exec_driver_sql(sql, list(rows))
        return
    columns = tuple(map(list, zip(*rows, strict=True)))
    await conn.exec_driver_sql(sql, columns)


def to_shrunk_keys(table: Table, rows: Rows) -> Rows:
    """Give the keys of figures whose counts shrink."""
    width = len(key_names(table))
    counts = [width + figure_names(table).index(name) for name in COUNTS[table]]
    return [row[:width] for at in counts for row in rows if row[at] < 0]


def key_names(table: Table) -> tuple[str, ...]:
    """Name the columns of the key."""
    return tuple(table.primary_key.columns.keys())


def figure_names(table: Table) -> tuple[str, ...]:
    """Name the columns of figures."""
    return tuple(column.name for column in table.columns if not column.primary_key)


@lru_cache(maxsize=8)
def addition_sql(table: Table, dialect: Dialect) -> str:
    """Write the statement that inserts figures or adds them to those there are."""
    keys, figures = key_names(table), figure_names(table)
    insert = insert_sql(table, (*keys, *figures), dialect)
    if dialect.name != "sqlite":
        into = insert.partition(" VALUES ")[0]
        arrays = unnest_sql(table, (*keys, *figures))
        insert = f"{into} SELECT * FROM {arrays}"  # noqa: S608 -- names of tables.py
    sums = ", ".join(
        f"{name} = {table.name}.{name} + excluded.{name}" for name in figures
    )
    return f"{insert} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sums}"


@lru_cache(maxsize=8)
def removal_sql(table: Table, dialect: Dialect) -> str:
    """Write the DELETE of figures that count no job any more."""
    keys = key_names(table)
    nothing = " AND ".join(f"{table.name}.{name} = 0" for name in COUNTS[table])
    if dialect.name == "sqlite":
        same = " AND ".join(f"{name} = ?" for name in keys)
        return f"DELETE FROM {table.name} WHERE {same} AND {nothing}"  # noqa: S608 -- names of tables.py
    arrays = f"{unnest_sql(table, keys)} AS gone ({', '.join(keys)})"
    same = " AND ".join(f"{table.name}.{name} = gone.{name}" for name in keys)
    return f"DELETE FROM {table.name} USING {arrays} WHERE {same} AND {nothing}"  # noqa: S608 -- names of tables.py


def unnest_sql(table: Table, names: Sequence[str]) -> str:
    """Write PostgreSQL's `unnest` of an array for each column."""
    arrays = (
        f"${at}::{'text' if isinstance(table.c[name].type, Text) else 'bigint'}[]"
        for at, name in enumerate(names, 1)
    )
    return f"unnest({', '.join(arrays)})"
