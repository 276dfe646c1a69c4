"""What comes packed is what would come row by row."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    LargeBinary,
    Text,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from gateway.settings import read_settings
from gateway.store.database import Database, open_database
from gateway.store.packed import MAX_COLUMNS
from gateway.store.selects import bind_values, compile_select
from gateway.store.tables import accounts, jobs
from tests.factories import NOON

TEXTS = (
    "",
    "plain",
    'a "quoted" \\ one',
    "naïve 模型 🚀",
    "\x01\x1f\x7f",
    '{"a": [1]}',
)
INTEGERS = (0, -1, 2**53 + 1, 2**63 - 1, -(2**63))


async def read(database: Database, found: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 -- a select, or a union
    """Read rows as the request path does."""
    statement = compile_select(found, database.reader.dialect)
    async with database.reading() as reader:
        rows = await reader.fetch(statement, bind_values(statement, {}))
    return [tuple(row) for row in rows]


def to_value(value: object) -> ColumnElement[Any]:
    """Select a value."""
    if value is None:
        return null()
    return literal(value, BigInteger if isinstance(value, int) else Text)


@pytest.mark.parametrize("values", [TEXTS, INTEGERS, ("a", 1, None, 1, "a")], ids=str)
async def test_values_come_as_they_are(
    database: Database, values: Sequence[object]
) -> None:
    assert await read(database, select(*map(to_value, values))) == [tuple(values)]


async def test_a_text_with_a_nul_comes_whole(sqlite_url: str) -> None:
    database = open_database(read_settings(database_url=sqlite_url))
    assert await read(database, select(to_value("a\0b"))) == [("a\0b",)]
    await database.close()


async def test_rows_keep_their_order(database: Database) -> None:
    async with database.transaction() as conn:
        rows = [{"account": name, "created_at": NOON} for name in "dbace"]
        await conn.execute(accounts.insert(), rows)
    by_name = select(accounts.c.account).order_by(accounts.c.account.desc())
    assert await read(database, by_name) == [(name,) for name in "edcba"]
    assert await read(database, by_name.limit(2)) == [("e",), ("d",)]


async def test_columns_need_no_names(database: Database) -> None:
    zero = literal_column("0", BigInteger)
    found = union_all(select(zero, zero), select(zero, zero))
    assert await read(database, found) == [(0, 0), (0, 0)]


async def test_no_rows_come_as_none(database: Database) -> None:
    assert await read(database, select(accounts.c.account)) == []


async def test_bytes_come_unpacked(database: Database) -> None:
    value = literal(b"\0\xff", LargeBinary)
    assert await read(database, select(value, to_value("a"))) == [(b"\0\xff", "a")]


async def test_fractions_keep_their_digits(database: Database) -> None:
    third = literal(1 / 3, Double)
    assert await read(database, select(third, to_value("a"))) == [(1 / 3, "a")]


async def test_more_columns_than_a_function_takes_come_unpacked(
    database: Database,
) -> None:
    wide = select(*(to_value(number) for number in range(MAX_COLUMNS + 30)))
    assert await read(database, wide) == [tuple(range(MAX_COLUMNS + 30))]


async def test_all_that_can_be_asked_of_a_job_is_packed(sqlite_url: str) -> None:
    database = open_database(read_settings(database_url=sqlite_url))
    asked_for = (each for each in jobs.columns if each is not jobs.c.digest)
    assert compile_select(select(*asked_for), database.reader.dialect).is_packed
    await database.close()
