import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from gateway.errors import DatabaseUnavailableError, MigrationError
from gateway.settings import read_settings
from gateway.store.database import Database, open_database
from gateway.store.engine import is_sqlite
from gateway.store.migrate import (
    MIGRATIONS,
    ensure_current,
    run_migrations,
    upgrade_database,
)
from gateway.store.tables import metadata, usage_points
from gateway.store.usage.verify import verify_usage
from gateway.store.version import NEEDED_VERSION, check_version, read_version
from tests.store.tables import read_rows


async def read_indexes(database: Database) -> list[tuple[str, str]]:
    """Read the definition of every index, as the database writes it."""
    sql = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    if is_sqlite(database.reader):
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''"
    async with database.reader.connect() as conn:
        rows = await conn.execute(text(sql))
        return sorted(
            (name, definition.replace("jobs.", ""))
            for name, definition in rows
            if "alembic" not in name
        )


def to_differences(conn: Connection) -> list[object]:
    """Compare the database with the tables of the code."""
    return list(compare_metadata(MigrationContext.configure(conn), metadata))


def test_the_version_needed_is_the_last_revision() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert revisions[0] == NEEDED_VERSION
    assert revisions == sorted(revisions, reverse=True)


# Indexes have the next test.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
async def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    async with database.reader.connect() as conn:
        assert await conn.run_sync(to_differences) == []


async def test_migrations_make_the_indexes_of_the_code(empty_database_url: str) -> None:
    settings = read_settings(database_url=empty_database_url)
    database = open_database(settings)
    async with database.transaction() as conn:
        await conn.run_sync(metadata.create_all)
    created = await read_indexes(database)
    async with database.transaction() as conn:
        await conn.run_sync(metadata.drop_all)
    await upgrade_database(settings)
    assert await read_indexes(database) == created
    assert len(created) > 20
    await database.close()


async def test_a_new_database_has_no_version(empty_database_url: str) -> None:
    database = open_database(read_settings(database_url=empty_database_url))
    assert await read_version(database) is None
    with pytest.raises(MigrationError, match="not migrated; run `gateway db upgrade`"):
        await check_version(database)
    await database.close()


def test_asking_for_a_version_creates_no_file(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    database = open_database(read_settings(database_url=f"sqlite:///{path}"))
    assert asyncio.run(read_version(database)) is None
    assert not path.exists()


async def test_upgrading_makes_a_database_current(empty_database_url: str) -> None:
    settings = read_settings(database_url=empty_database_url)
    assert await upgrade_database(settings) is None
    assert await upgrade_database(settings) == NEEDED_VERSION
    database = open_database(settings)
    await check_version(database)
    await database.close()


async def set_version(database: Database, version: str) -> None:
    """Pretend that a database is at another version."""
    async with database.transaction() as conn:
        sql = text("UPDATE alembic_version SET version_num = :version")
        await conn.execute(sql, {"version": version})


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("0000", "at revision 0000, this code needs .*; run `gateway db upgrade`"),
        ("9999", "revision 9999, which is newer than this code .*; upgrade job-gate"),
    ],
)
async def test_another_version_is_refused(
    database: Database, version: str, message: str
) -> None:
    await set_version(database, version)
    with pytest.raises(MigrationError, match=message):
        await ensure_current(database)


async def test_a_newer_database_is_not_upgraded(database: Database) -> None:
    await set_version(database, "9999")
    url = database.writer.url.render_as_string(hide_password=False)
    with pytest.raises(MigrationError, match="newer than this code"):
        await upgrade_database(read_settings(database_url=url))


# As the first revision has them: a job that ran for 90 minutes.
OLD_ROWS = (
    "INSERT INTO accounts VALUES ('acme', 0, 2, 1, 1)",
    (
        "INSERT INTO jobs (account, job_id, source, job_identifier, status, created_at,"
        " updated_at, total, pending, completed, failed, digest, run_start_ms,"
        " run_end_ms) VALUES ('acme', 1, 'MODZY', 'a', 'COMPLETED', 0, 0, 1, 0, 1, 0,"
        " '', 0, 5400000)"
    ),
)


@pytest.mark.parametrize("version", ["0001", "0003"])
async def test_usage_of_jobs_that_are_there_is_added_up(
    empty_database_url: str, version: str
) -> None:
    settings = read_settings(database_url=empty_database_url)
    database = open_database(settings)
    async with database.transaction() as conn:
        await conn.run_sync(run_migrations, version)
        for statement in OLD_ROWS:
            await conn.execute(text(statement))
    assert await upgrade_database(settings) == version
    # An hour for the start and one for the end, and six longer spans, of 8 groups.
    assert len(await read_rows(database, usage_points)) == (2 + 6) * 8
    assert await verify_usage(database, "acme", limit=1) == []
    await database.close()


# Jobs as they were stored when whatever had started, and told no end, counted as
# running: status, start, elapsed time, run.
OLD_RUNS = (
    ("SWF", "UNKNOWN", 1_000_000, None, 1000, None),
    ("GATEWAY", "QUEUED", 1_000_000, None, 1000, None),
    ("GATEWAY", "QUEUED", 1_000_000, 9, 1000, None),
    ("GATEWAY", "QUEUED", 1_000_000, 2**63 - 1, 1000, None),
    ("GATEWAY", "RUNNING", 1_000_000, 9, 1000, None),
    ("SWF", "CANCELED", 1_000_000, None, 1000, 1000),
    ("SWF", "CANCELED", 1_000_000, 0, 1000, 1000),
    ("GATEWAY", "CANCELED", 1_000_000, None, 1000, 1000),
)
RIGHT_RUNS = (
    (1_000_000, None, None),
    (1_000_000, None, None),
    (1_000_000, 1000, 1009),
    (1_000_000, None, None),
    (1_000_000, 1000, None),
    (None, None, None),
    (1_000_000, 1000, 1000),
    (1_000_000, 1000, 1000),
)
OLD_RUN = text(
    "INSERT INTO jobs (account, job_id, source, job_identifier, status, created_at,"
    " updated_at, total, pending, completed, failed, digest, started_at, elapsed_ms,"
    " run_start_ms, run_end_ms, cost_amount, cost_currency)"
    " VALUES ('acme', :id, :source, :name, :status, 0, 0, 1, 0, 1,"
    " 0, '', :started_at, :elapsed_ms, :run_start_ms, :run_end_ms, 1, 'usd')"
)
RUN_NAMES = ("source", "status", "started_at", "elapsed_ms", "run_start_ms")


async def test_stored_jobs_that_are_not_running_do_not_run_until_now(
    empty_database_url: str,
) -> None:
    settings = read_settings(database_url=empty_database_url)
    database = open_database(settings)
    async with database.transaction() as conn:
        await conn.run_sync(run_migrations, "0005")
        await conn.execute(text("INSERT INTO accounts VALUES ('acme', 0, 9, 1, 1)"))
        for id, run in enumerate(OLD_RUNS, 1):
            values = zip((*RUN_NAMES, "run_end_ms"), run, strict=True)
            await conn.execute(OLD_RUN, {"id": id, "name": f"job-{id}", **dict(values)})
    assert await upgrade_database(settings) == "0005"
    async with database.reader.connect() as conn:
        found = await conn.execute(
            text(
                "SELECT started_at, run_start_ms, run_end_ms, cost_currency FROM jobs"
                " ORDER BY job_id"
            )
        )
        assert [tuple(row) for row in found] == [(*run, "USD") for run in RIGHT_RUNS]
    assert await verify_usage(database, "acme", limit=1) == []
    await database.close()


async def test_two_upgrades_at_once_are_one(empty_database_url: str) -> None:
    settings = read_settings(database_url=empty_database_url)
    versions = await asyncio.gather(*(upgrade_database(settings) for _ in range(4)))
    assert set(versions) <= {None, NEEDED_VERSION}
    assert None in versions


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/missing/gateway.db"
    with pytest.raises(MigrationError, match=r"/missing, does not exist; create it"):
        await upgrade_database(read_settings(database_url=url))


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, and there are many of them\n" * 99)
    with pytest.raises(MigrationError, match=r"notes\.txt is not a SQLite database"):
        await upgrade_database(read_settings(database_url=f"sqlite:///{path}"))


async def test_an_unreachable_server_is_named_without_its_password(
    free_tcp_port: int,
) -> None:
    url = f"postgresql://me:secret@127.0.0.1:{free_tcp_port}/jobs"
    with pytest.raises(DatabaseUnavailableError) as caught:
        await upgrade_database(read_settings(database_url=url))
    assert f"127.0.0.1:{free_tcp_port}/jobs is not available" in caught.value.message
    assert "secret" not in caught.value.message
