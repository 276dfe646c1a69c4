"""A database URL to engines of SQLite or PostgreSQL, and their errors to one error.

There are two engines. One writes, in transactions. One only reads, each statement in a
snapshot of its own: its connections refuse writes, and are returned to the pool without
a rollback.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, Connection, PoolProxiedConnection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    TimeoutError as PoolTimeoutError,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from gateway.errors import DatabaseUnavailableError, GatewayError, SettingsError
from gateway.settings import Settings

Row = Sequence[Any]

RIGHT_URLS = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
# Prefixes of PostgreSQL's SQLSTATE for "unreachable", "busy" and "not migrated".
UNAVAILABLE_STATES = ("08", "28", "53", "57P", "55P03", "3D000", "42P01", "42703")
UNAVAILABLE_MESSAGES = (
    "no such table",
    "no such column",
    "database is locked",
    "disk I/O error",
    "unable to open database file",
)


def parse_database_url(text: str) -> URL:
    """Parse a database URL, and set the driver that the gateway uses.

    Raises:
        SettingsError: It is no URL, or its database is not supported.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as exc:
        raise SettingsError(
            f"GATEWAY_DATABASE_URL is no database URL; give {RIGHT_URLS}"
        ) from exc
    if url.drivername not in DRIVERS:
        raise SettingsError(
            f"GATEWAY_DATABASE_URL names {url.drivername!r}; give {RIGHT_URLS}"
        )
    return url.set(drivername=DRIVERS[url.drivername])


def is_sqlite(engine: AsyncEngine) -> bool:
    """Tell whether the engine's database is SQLite."""
    return engine.dialect.name == "sqlite"


def open_engine(settings: Settings, *, reads_only: bool) -> AsyncEngine:
    """Make an engine; it connects when first used, and `dispose` closes it.

    Raises:
        SettingsError: The URL is wrong, or its driver is not installed.
    """
    url = parse_database_url(settings.database_url.get_secret_value())
    if url.get_backend_name() == "sqlite":
        return open_sqlite(url, settings, reads_only=reads_only)
    try:
        return open_postgresql(url, settings, reads_only=reads_only)
    except ModuleNotFoundError as exc:
        raise SettingsError(
            "PostgreSQL needs asyncpg; install job-gateway[postgres]"
        ) from exc


def open_sqlite(url: URL, settings: Settings, *, reads_only: bool) -> AsyncEngine:
    """Make an engine whose connections read while another writes.

    A process writes through a single connection: those who wait for it are served in
    order, where SQLite's busy timeout would let a long import starve them.
    """
    timeout_s = settings.database_timeout_s
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=settings.database_pool_size if reads_only else 1,
        max_overflow=0,
        pool_timeout=timeout_s,
        pool_reset_on_return=None if reads_only else "rollback",
        connect_args={"timeout": timeout_s, "isolation_level": None},
    )
    if reads_only:
        event.listen(engine.sync_engine, "connect", prepare_reader)
    else:
        event.listen(engine.sync_engine, "connect", prepare_writer)
        event.listen(engine.sync_engine, "begin", begin_immediate)
    return engine


PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
)


def prepare_writer(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Set up a SQLite connection that writes, with a cache of 64 MiB for imports."""
    set_pragmas(connection, *PRAGMAS, "cache_size=-65536")


def prepare_reader(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Set up a SQLite connection that refuses writes.

    Its cache is 4 MiB: there are many, and the operating system caches the file.
    """
    set_pragmas(connection, *PRAGMAS, "cache_size=-4096", "query_only=ON")


def set_pragmas(connection: DBAPIConnection, *pragmas: str) -> None:
    """Set pragmas of a connection."""
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_immediate(connection: Connection) -> None:
    """Take the write lock at the start of a transaction, not at its first write.

    Else a transaction that reads before it writes fails at once, whatever its timeout,
    if another has written in between.
    """
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def open_postgresql(url: URL, settings: Settings, *, reads_only: bool) -> AsyncEngine:
    """Make an engine that detects closed connections without a round trip."""
    timeout_s = settings.database_timeout_s
    engine = create_async_engine(
        url,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=timeout_s,
        pool_reset_on_return=None if reads_only else "rollback",
        connect_args={
            "timeout": timeout_s,
            "server_settings": {
                "application_name": "job-gateway",
                "default_transaction_read_only": "on" if reads_only else "off",
                "jit": "off",
            },
        },
    )
    event.listen(engine.sync_engine, "checkout", refuse_closed)
    return engine


def refuse_closed(
    connection: Any,  # noqa: ANN401 -- SQLAlchemy's adapter around the driver's
    _: ConnectionPoolEntry,
    __: PoolProxiedConnection,
) -> None:
    """Make the pool replace a connection that the server has closed."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def is_unavailable(exc: BaseException | None) -> bool:
    """Tell whether an error means that the database is unavailable or not migrated."""
    if exc is None:
        return False
    if isinstance(exc, sqlite3.OperationalError):
        return str(exc).startswith(UNAVAILABLE_MESSAGES)
    state = getattr(exc, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(UNAVAILABLE_STATES)
    # asyncpg raises InterfaceError on a connection that is already closed.
    is_closed = type(exc).__name__ == "InterfaceError"
    return isinstance(exc, OSError) or is_closed or is_unavailable(exc.__cause__)


def is_foreign_file(exc: DBAPIError) -> bool:
    """Tell whether an error means that the file is no SQLite database."""
    return (
        isinstance(exc.orig, sqlite3.DatabaseError)
        and exc.orig.sqlite_errorcode == sqlite3.SQLITE_NOTADB
    )


def to_unavailable(exc: Exception) -> DatabaseUnavailableError | None:
    """Convert an error of a driver; None where it does not mean unavailability."""
    if isinstance(exc, GatewayError):
        return None
    if isinstance(exc, PoolTimeoutError):
        return DatabaseUnavailableError("all database connections are busy")
    cause = exc.orig if isinstance(exc, DBAPIError) else exc
    if not is_unavailable(cause):
        return None
    return DatabaseUnavailableError("the database is not available")
