"""Processes that come and go take nothing from one that has the database open."""

from sqlalchemy import text

from gateway.settings import read_settings
from gateway.store.database import Database, open_database
from gateway.store.version import check_version
from tests.features.gateways import to_end

ACCOUNTS = ("first", "second", "third")
ADD = text("INSERT INTO accounts (account, created_at) VALUES (:account, 0)")


async def add_account(database: Database, account: str) -> None:
    async with database.transaction() as conn:
        await conn.execute(ADD, {"account": account})


async def test_what_is_written_stays_while_other_processes_come_and_go(
    database_url: str,
) -> None:
    env = {"GATEWAY_DATABASE_URL": database_url}
    database = open_database(read_settings(database_url=database_url))
    # As a server does that is asked whether it is ready.
    for account in ACCOUNTS:
        await check_version(database)
        await add_account(database, account)
        await to_end("db", "status", env=env)
    told = (await to_end("db", "status", env=env)).stdout
    await database.close()
    assert [account for account in ACCOUNTS if account not in told] == []
