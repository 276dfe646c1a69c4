"""One long history on each database, read by all tests of plans."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.settings import read_settings
from gateway.store.database import open_database
from tests.conftest import BACKENDS
from tests.databases import PostgresqlServer, copy_sqlite
from tests.features.asking import Asker, to_asker
from tests.plans.history import put_history
from tests.plans.recording import RecordingDatabase, record_statements


@pytest.fixture(scope="session")
def sqlite_history(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> str:
    url = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("history"))
    asyncio.run(fill(url))
    return url


@pytest.fixture(scope="session")
def postgresql_history(
    postgresql_server: PostgresqlServer, postgresql_template: str
) -> Iterator[str]:
    with postgresql_server.database(postgresql_template) as url:
        asyncio.run(fill(url, "VACUUM ANALYZE"))
        yield url


@pytest.fixture(params=BACKENDS)
def history_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_history")
    return url


@pytest.fixture
async def history(history_url: str) -> AsyncIterator[RecordingDatabase]:
    """The history; it keeps the statements it is asked."""
    opened = record_statements(open_database(read_settings(database_url=history_url)))
    yield opened
    await opened.close()


@pytest.fixture
def asker(history: RecordingDatabase) -> Asker:
    """Somebody of the account whose history it is."""
    return to_asker(read_settings(), history)


async def fill(url: str, *afterwards: str) -> None:
    """Write the history, and run statements that no transaction takes."""
    database = open_database(read_settings(database_url=url))
    await put_history(database)
    for statement in afterwards:
        engine = database.writer.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as conn:
            await conn.execute(text(statement))
    await database.close()
