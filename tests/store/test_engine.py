import asyncio

import pytest

from gateway.settings import read_settings
from gateway.store.database import Database, open_database
from gateway.store.selects import Statement


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 4000)],
)
async def test_sqlite_connections_are_prepared(
    sqlite_url: str, pragma: str, value: object
) -> None:
    database = open_database(read_settings(database_url=sqlite_url))
    async with database.transaction() as conn:
        result = await conn.exec_driver_sql(f"PRAGMA {pragma}")
        assert result.scalar_one() == value
    await database.close()


async def test_a_migrated_database_has_no_jobs(database: Database) -> None:
    async with database.reading() as reader:
        rows = await reader.fetch(Statement(sql="SELECT count(*) FROM jobs"), ())
    assert [tuple(row) for row in rows] == [(0,)]


async def test_those_who_wait_to_write_to_sqlite_have_their_turn_in_order(
    sqlite_url: str,
) -> None:
    database = open_database(read_settings(database_url=sqlite_url))
    turns: list[int] = []

    async def write(number: int) -> None:
        async with database.transaction():
            turns.append(number)

    async with database.transaction():
        waiting = [asyncio.create_task(write(number)) for number in range(9)]
        # Long enough for each to have tried on its own.
        await asyncio.sleep(0.3)
    await asyncio.gather(*waiting)
    await database.close()
    assert turns == list(range(9))
