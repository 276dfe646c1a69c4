"""The version a database is at, and whether this code can work with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from gateway.errors import DatabaseUnavailableError, MigrationError
from gateway.store.database import Database, mapped_errors
from gateway.store.engine import is_foreign_file, is_sqlite

# The last revision in `migrations/versions`; they are numbered in order.
NEEDED_VERSION = "0007"
UPGRADE = "run `gateway db upgrade`"


async def read_version(database: Database) -> str | None:
    """Read the version a database is at; None if it is not migrated.

    Raises:
        DatabaseUnavailableError: The database cannot be reached.
        MigrationError: The folder of the SQLite file is missing, or it is another
            kind of file.
    """
    with explained_errors(database), mapped_errors():
        if is_missing(database):
            return None
        # SQLite checks the file itself: closing a file that was opened here would drop
        # the process's locks on it, and other processes could write at the same time.
        async with database.reader.connect() as conn:
            return await conn.run_sync(to_version)


async def check_version(database: Database) -> None:
    """Check that a database is at the version this code needs.

    Raises:
        MigrationError: It is not migrated, or at an older or a newer version.
        DatabaseUnavailableError: The database cannot be reached.
    """
    version = await read_version(database)
    if version is None:
        raise MigrationError(f"the database is not migrated; {UPGRADE}")
    check_not_newer(version)
    if version < NEEDED_VERSION:
        raise MigrationError(
            f"the database is at revision {version}, this code needs"
            f" {NEEDED_VERSION}; {UPGRADE}"
        )


def check_not_newer(version: str) -> None:
    """Check that this code knows a version.

    Raises:
        MigrationError: It is newer than this code.
    """
    if version > NEEDED_VERSION:
        raise MigrationError(
            f"the database is at revision {version}, which is newer than this code"
            f" ({NEEDED_VERSION}); upgrade job-gateway"
        )


def to_version(conn: Connection) -> str | None:
    """Read the version from Alembic's table."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    rows = conn.execute(text("SELECT version_num FROM alembic_version"))
    version: str | None = rows.scalar()
    return version


def is_missing(database: Database) -> bool:
    """Tell whether a SQLite file is missing; connecting would create it.

    Raises:
        MigrationError: Its folder is missing, too.
    """
    path = Path(database.reader.url.database or ":memory:")
    if not is_sqlite(database.reader) or path.name == ":memory:":
        return False
    if not path.parent.is_dir():
        raise MigrationError(
            f"the folder of the SQLite database, {path.parent}, does not exist;"
            " create it, or name another in GATEWAY_DATABASE_URL"
        )
    return not path.exists()


@contextmanager
def explained_errors(database: Database) -> Iterator[None]:
    """Make errors name the database, without its password, and the cause.

    Raises:
        DatabaseUnavailableError: The database cannot be reached.
        MigrationError: It is a file of another kind.
    """
    try:
        yield
    except DBAPIError as exc:
        if not is_foreign_file(exc):
            raise
        path = database.reader.url.database
        raise MigrationError(
            f"{path} is not a SQLite database; name another file"
        ) from exc
    except DatabaseUnavailableError as exc:
        url = database.reader.url.set(
            drivername=database.reader.url.get_backend_name(), query={}
        )
        reason = to_root_cause(exc)
        raise DatabaseUnavailableError(
            f"the database {url} is not available: {reason}"
        ) from exc


def to_root_cause(exc: BaseException) -> str:
    """Give the text of the first error in the chain."""
    cause = (exc.orig if isinstance(exc, DBAPIError) else None) or exc.__cause__
    if cause is not None:
        return to_root_cause(cause)
    return str(exc) or type(exc).__name__
