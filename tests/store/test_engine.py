import pytest

from gateway.settings import read_settings
from gateway.store.database import Database, open_database


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
        rows = await reader.fetch("SELECT count(*) FROM jobs", ())
    assert [tuple(row) for row in rows] == [(0,)]
