"""A database with a lifetime: transactions that write, connections that read."""

from collections.abc import AsyncIterator, Iterator
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
    """Where jobs are kept; `close` ends its connections."""

    writer: AsyncEngine
    reader: AsyncEngine
    readers: ConnectionPool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection for one write transaction, committed at the block's end.

        Raises:
            DatabaseUnavailableError: The database cannot be reached, is locked for
                longer than the timeout, or is not migrated.
        """
        async with AsyncExitStack() as stack:
            # Inside the block only SQLAlchemy's errors are the database's; an OSError
            # may be the caller's own.
            stack.enter_context(mapped_errors(DBAPIError))
            with mapped_errors():
                conn = await stack.enter_async_context(self.writer.begin())
            yield conn

    def reading(self) -> AbstractAsyncContextManager[ReadConnection]:
        """Give a connection for statements that only read.

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


@contextmanager
def mapped_errors(kind: type[Exception] = Exception) -> Iterator[None]:
    """Turn what drivers raise when the database is not there into one error.

    Args:
        kind: What may be such an error.

    Raises:
        DatabaseUnavailableError: See `Database.transaction`.
    """
    try:
        yield
    except kind as exc:
        if (unavailable := to_unavailable(exc)) is None:
            raise
        raise unavailable from exc
