"""Fixtures for all tests: things with a lifetime, on both databases."""

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from tests.databases import PostgresqlServer, copy_sqlite, migrate, serve_postgresql

BACKENDS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips", action="store_true", help="count each skipped test as failed"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and item.config.getoption("--no-skips"):
        report.outcome = "failed"
    return report


def pytest_configure(config: pytest.Config) -> None:
    # Async tests and fixtures run without a marker on each.
    config.option.anyio_mode = "auto"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    with serve_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "gateway.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: PostgresqlServer) -> str:
    postgresql_server.execute("CREATE DATABASE migrated")
    migrate(postgresql_server.to_url("migrated"))
    return "migrated"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite database of this test's own."""
    return copy_sqlite(sqlite_template, tmp_path)


@pytest.fixture
def postgresql_url(
    postgresql_server: PostgresqlServer, postgresql_template: str
) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of this test's own."""
    with postgresql_server.database(postgresql_template) as url:
        yield url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def empty_postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """The URL of a PostgreSQL database without tables."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database; the test runs on SQLite and PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=BACKENDS)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database without tables; on SQLite and PostgreSQL."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings of a gateway on the test's database."""
    return read_settings(database_url=database_url)


@pytest.fixture
async def database(
    settings: Settings,
    anyio_backend: str,  # noqa: ARG001 -- makes the fixture run in sync tests, too
) -> AsyncIterator[Database]:
    """A migrated database, closed after the test; on SQLite and PostgreSQL."""
    opened = open_database(settings)
    yield opened
    await opened.close()
