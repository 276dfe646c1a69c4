"""Migrations: bring a database to the version this code needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from gateway.settings import Settings
from gateway.store.audit import log_migration
from gateway.store.database import Database, opened_database
from gateway.store.engine import is_sqlite
from gateway.store.usage.rebuild import rebuild_all
from gateway.store.version import (
    NEEDED_VERSION,
    check_not_newer,
    check_version,
    explained_errors,
    read_version,
    to_version,
)

MIGRATIONS = Path(__file__).with_name("migrations")
# The last revision that changed the usage figures; from older ones they are rebuilt.
USAGE_VERSION = "0006"
# Any number, the same in all processes: one migrates while the others wait.
LOCK = text("SELECT pg_advisory_xact_lock(5204775001)")


async def upgrade_database(settings: Settings) -> str | None:
    """Migrate the database of the settings, and give the version it was at.

    Raises:
        MigrationError: It is newer than this code, or its folder is missing.
        DatabaseUnavailableError: It cannot be reached.
    """
    async with opened_database(settings, None) as database:
        return await migrate(database)


async def ensure_current(database: Database) -> None:
    """Migrate a new database, and check the version of any other.

    Raises:
        MigrationError: It is at an older or a newer version, or its folder is missing.
        DatabaseUnavailableError: It cannot be reached.
    """
    if await read_version(database) is None:
        await migrate(database)
    await check_version(database)


async def migrate(database: Database) -> str | None:
    """Migrate a database in one transaction; see `upgrade_database`."""
    version = await read_version(database)
    if version == NEEDED_VERSION:
        return version
    with explained_errors(database):
        async with database.transaction() as conn:
            if not is_sqlite(database.writer):
                await conn.execute(LOCK)
            before = await conn.run_sync(run_migrations)
            if before is not None and before < USAGE_VERSION:
                await rebuild_all(conn)
    # Another process may have migrated it while this one waited.
    if before != NEEDED_VERSION:
        log_migration(before, NEEDED_VERSION)
    return before


def run_migrations(conn: Connection, last: str = "head") -> str | None:
    """Run the missing revisions up to `last`, and give the version before."""
    version = to_version(conn)
    if version is not None:
        check_not_newer(version)
    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, last)
    return version
