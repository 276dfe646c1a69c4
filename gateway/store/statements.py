"""Statements that write or find many rows at once, run by the driver itself.

SQLAlchemy would handle each value of each row in Python.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Dialect, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.database import mapped_errors

Rows = Sequence[tuple[Any, ...]]


# Both look each identifier up in the index. IN with a list of 2,000 was a hundred times
# slower on PostgreSQL before it has statistics of the account: it then compares each
# row of the account with each identifier.
FIND_SQLITE = (
    "SELECT {columns} FROM json_each(?) AS wanted CROSS JOIN {table} AS found"
    " WHERE found.account = ? AND found.{key} = wanted.value"
)
FIND_POSTGRESQL = (
    "SELECT {columns} FROM unnest($1::text[]) AS wanted (value) CROSS JOIN LATERAL"
    " (SELECT * FROM {table} WHERE account = $2 AND {key} = wanted.value OFFSET 0)"
    " AS found"
)


async def find_rows(
    conn: AsyncConnection,
    table: Table,
    names: tuple[str, ...],
    account: str,
    wanted: tuple[str, Iterable[str]],
) -> Sequence[Sequence[Any]]:
    """Find an account's rows by values of a column; values come as the driver's.

    Args:
        conn: In a transaction.
        table: To read from.
        names: The columns to give, in this order.
        account: Whose rows.
        wanted: The name of an indexed column, and values it may have.
    """
    key, values = wanted
    distinct = sorted(set(values))
    columns = ", ".join(f"found.{name}" for name in names)
    is_sqlite = conn.dialect.name == "sqlite"
    pattern = FIND_SQLITE if is_sqlite else FIND_POSTGRESQL
    sql = pattern.format(columns=columns, table=table.name, key=key)
    listed = orjson.dumps(distinct).decode() if is_sqlite else distinct
    return (await conn.exec_driver_sql(sql, (listed, account))).all()


async def insert_rows(
    conn: AsyncConnection, table: Table, names: tuple[str, ...], rows: Rows
) -> None:
    """Insert rows; their values come in the order of the names.

    PostgreSQL copies them, in half the time.

    Raises:
        DatabaseUnavailableError: The connection is lost.
    """
    if not rows:
        return
    if conn.dialect.name == "sqlite":
        sql = insert_sql(table, names, conn.dialect)
        await conn.exec_driver_sql(sql, list(rows))
        return
    raw = await conn.get_raw_connection()
    driver: Any = raw.driver_connection
    with mapped_errors():
        await driver.copy_records_to_table(table.name, records=rows, columns=names)


async def insert_missing(
    conn: AsyncConnection, table: Table, names: tuple[str, ...], rows: Rows
) -> None:
    """Insert the rows that are not there yet; see `insert_rows`."""
    if rows:
        sql = f"{insert_sql(table, names, conn.dialect)} ON CONFLICT DO NOTHING"
        await conn.exec_driver_sql(sql, list(rows))


async def update_rows(
    conn: AsyncConnection,
    table: Table,
    names: tuple[str, ...],
    keys: tuple[str, ...],
    rows: Rows,
) -> None:
    """Update rows; their values come in the order of the names, then of the keys."""
    if rows:
        sql = update_sql(table, names, keys, conn.dialect)
        await conn.exec_driver_sql(sql, list(rows))


async def delete_rows(
    conn: AsyncConnection, table: Table, keys: tuple[str, ...], rows: Rows
) -> None:
    """Delete rows; each is the values of the keys."""
    if rows:
        sql = delete_sql(table, keys, conn.dialect)
        await conn.exec_driver_sql(sql, list(rows))


@lru_cache(maxsize=64)
def insert_sql(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    """Write an INSERT with a placeholder for each name."""
    columns = ", ".join(map(dialect.identifier_preparer.quote, names))
    placeholders = ", ".join(
        to_placeholder(at, dialect) for at in range(1, len(names) + 1)
    )
    return f"INSERT INTO {table.name} ({columns}) VALUES ({placeholders})"  # noqa: S608 -- names of tables.py


@lru_cache(maxsize=64)
def update_sql(
    table: Table, names: tuple[str, ...], keys: tuple[str, ...], dialect: Dialect
) -> str:
    """Write an UPDATE with a placeholder for each name, then for each key."""
    changes = equations_sql(names, 1, ", ", dialect)
    condition = equations_sql(keys, len(names) + 1, " AND ", dialect)
    return f"UPDATE {table.name} SET {changes} WHERE {condition}"  # noqa: S608 -- names of tables.py


@lru_cache(maxsize=64)
def delete_sql(table: Table, keys: tuple[str, ...], dialect: Dialect) -> str:
    """Write a DELETE with a placeholder for each key."""
    condition = equations_sql(keys, 1, " AND ", dialect)
    return f"DELETE FROM {table.name} WHERE {condition}"  # noqa: S608 -- names of tables.py


def equations_sql(
    names: Sequence[str], start: int, joint: str, dialect: Dialect
) -> str:
    """Write `name = placeholder` for each name, counting from `start`."""
    quote = dialect.identifier_preparer.quote
    return joint.join(
        f"{quote(name)} = {to_placeholder(at, dialect)}"
        for at, name in enumerate(names, start)
    )


def to_placeholder(at: int, dialect: Dialect) -> str:
    """Write the placeholder of a bind parameter in the driver's own style."""
    return "?" if dialect.paramstyle == "qmark" else f"${at}"
