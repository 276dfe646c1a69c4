"""A database with a lifetime: transactions that write, connections that read."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.errors import DatabaseUnavailableError
from gateway.settings import Settings
from gateway.store.engine import Reader, is_unavailable, open_engine, to_reader

__all__ = ["Database", "open_database"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Where jobs are kept; `close` ends its connections."""

    writer: AsyncEngine
    reader: AsyncEngine

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

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """Give a connection for statements that only read.

        Raises:
            DatabaseUnavailableError: See `transaction`.
        """
        with mapped_errors():
            connection = await self.reader.raw_connection()
            try:
                yield to_reader(self.reader, connection.driver_connection)
            finally:
                connection.close()

    async def close(self) -> None:
        """Close all connections."""
        await self.writer.dispose()
        await self.reader.dispose()


def open_database(settings: Settings) -> Database:
    """Open the database the settings name; it connects when first used.

    Raises:
        SettingsError: The URL is wrong, or its driver is not installed.
    """
    return Database(
        writer=open_engine(settings, reads_only=False),
        reader=open_engine(settings, reads_only=True),
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
    except PoolTimeoutError as exc:
        raise DatabaseUnavailableError("all database connections are busy") from exc
    except kind as exc:
        cause = exc.orig if isinstance(exc, DBAPIError) else exc
        if not is_unavailable(cause):
            raise
        raise DatabaseUnavailableError("the database is not available") from exc
