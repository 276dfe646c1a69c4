import asyncio

import pytest

from gateway.settings import Settings
from gateway.store.database import open_database
from gateway.store.selects import Statement

ENDLESS = Statement(
    sql="WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)"
    " SELECT count(*) FROM numbers"
)


async def test_a_statement_is_cancelled_with_the_task_that_waits_for_it(
    settings: Settings,
) -> None:
    database = open_database(settings.replace(database_pool_size=1))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3), database.reading() as reader:
            await reader.fetch(ENDLESS, [])
    # The only connection answers again: the statement would have kept it for ever.
    async with asyncio.timeout(60), database.reading() as reader:
        rows = await reader.fetch(Statement(sql="SELECT 1"), [])
    assert rows[0][0] == 1
    await database.close()
