"""An open database: transactions for writing, connections for reading."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.settings import Settings
from gateway.store.engine import open_engine, to_unavailable
from gateway.store.readers import ConnectionLease, ConnectionPool, ReadConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The database of the gateway; `close` ends its connections."""

    writer: AsyncEngine
    reader: AsyncEngine
    readers: ConnectionPool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection for one write transaction, committed at the block's end.

        Raises:
            DatabaseUnavailableError: The database cannot be reached, is locked for
                longer than the timeout, or is not migrated.
        """
        async with AsyncExitStack() as stack:
            # Inside the block only SQLAlchemy's errors come from the database; an
            # OSError may come from the caller.
            stack.enter_context(mapped_errors(DBAPIError))
            with mapped_errors():
                conn = await stack.enter_async_context(self.writer.begin())
            yield conn

    def reading(self) -> AbstractAsyncContextManager[ReadConnection]:
        """Return a connection for statements that only read.

        Raises:
            DatabaseUnavailableError: See `transaction`; or none is free in time.
        """
        return ConnectionLease(self.readers)

    async def close(self) -> None:
        """Close all connections."""
        await self.readers.close()
        await self.writer.dispose()
        await self.reader.dispose()


def open_database(settings: Settings) -> Database:
    """Open the database the settings name; it connects when first used.

    Raises:
        SettingsError: The URL is wrong, or its driver is not installed.
    """
    reader = open_engine(settings, reads_only=True)
    return Database(
        writer=open_engine(settings, reads_only=False),
        reader=reader,
        readers=ConnectionPool(
            reader,
            size=settings.database_pool_size,
            timeout_s=settings.database_timeout_s,
        ),
    )


@asynccontextmanager
async def opened_database(
    settings: Settings, check: Callable[[Database], Awaitable[None]] | None
) -> AsyncIterator[Database]:
    """Open the database for the length of a block.

    Args:
        settings: Have its URL.
        check: Checks its version first: `check_version`, or `ensure_current`, which
            migrates a new database; None checks nothing.

    Raises:
        SettingsError: See `open_database`.
        MigrationError: It is at another version.
        DatabaseUnavailableError: It cannot be reached.
    """
    database = open_database(settings)
    try:
        if check is not None:
            await check(database)
        yield database
    finally:
        await database.close()


@contextmanager
def mapped_errors(kind: type[Exception] = Exception) -> Iterator[None]:
    """Convert a driver's errors for an unavailable database to one of ours.

    Args:
        kind: The class of exceptions to look at.

    Raises:
        DatabaseUnavailableError: See `Database.transaction`.
    """
    try:
        yield
    except kind as exc:
        if (unavailable := to_unavailable(exc)) is None:
            raise
        raise unavailable from exc
