"""A pool of connections that only read, with no layer on top of the driver.

SQLAlchemy opens the connections, but does not pool them: its pool switches greenlets
twice per request, which takes about fifty microseconds. The connection used last is
the next to be taken, so that few are in use and their caches stay warm.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.errors import DatabaseUnavailableError
from gateway.store.engine import Row, is_sqlite, to_unavailable
from gateway.store.selects import Statement


class ReadConnection(Protocol):
    """A connection that only reads."""

    async def fetch(self, statement: Statement, values: Sequence[Any]) -> Sequence[Row]:
        """Run one statement with positional values and fetch all its rows."""


class SqliteConnection:
    """Reads through aiosqlite; a cancelled statement is interrupted."""

    is_closed = False

    def __init__(self, driver: Any) -> None:  # noqa: ANN401 -- the driver's own object
        self.driver = driver

    async def fetch(self, statement: Statement, values: Sequence[Any]) -> Sequence[Row]:
        """See `ReadConnection`."""
        try:
            rows: list[Row] = await self.driver.execute_fetchall(statement.sql, values)
        except asyncio.CancelledError:
            await self.driver.interrupt()
            raise
        if statement.is_packed:
            rows = orjson.loads(rows[0][0])
        return rows


class PostgresqlConnection:
    """Reads through asyncpg, which cancels a statement together with its task."""

    def __init__(self, driver: Any) -> None:  # noqa: ANN401 -- the driver's own object
        self.driver = driver

    @property
    def is_closed(self) -> bool:
        """Whether the server has closed the connection."""
        closed: bool = self.driver.is_closed()
        return closed

    async def fetch(self, statement: Statement, values: Sequence[Any]) -> Sequence[Row]:
        """See `ReadConnection`."""
        rows: list[Row] = await self.driver.fetch(statement.sql, *values)
        return rows


DriverConnection = SqliteConnection | PostgresqlConnection


class ConnectionPool:
    """Lends each connection to one task at a time.

    Args:
        engine: Opens connections.
        size: The maximum number of connections.
        timeout_s: How long a task waits for one.
    """

    def __init__(self, engine: AsyncEngine, *, size: int, timeout_s: float) -> None:
        self.engine = engine
        self.timeout_s = timeout_s
        self.seats = asyncio.Semaphore(size)
        self.idle: list[DriverConnection] = []

    async def take(self) -> DriverConnection:
        """Take an open connection: the one used last, or a new one.

        The caller returns it with `give_back`.

        Raises:
            DatabaseUnavailableError: All are busy for longer than the timeout.
            Exception: The driver's, where it cannot connect.
        """
        if not self.seats.locked():
            await self.seats.acquire()
        else:
            await self.wait()
        try:
            while self.idle:
                reader = self.idle.pop()
                if not reader.is_closed:
                    return reader
            return await self.connect()
        except BaseException:
            self.seats.release()
            raise

    async def wait(self) -> None:
        """Wait until a connection may be taken."""
        try:
            await asyncio.wait_for(self.seats.acquire(), self.timeout_s)
        except TimeoutError as exc:
            raise DatabaseUnavailableError("all database connections are busy") from exc

    async def connect(self) -> DriverConnection:
        """Open a connection."""
        pooled = await self.engine.raw_connection()
        driver = pooled.driver_connection
        pooled.detach()
        return (SqliteConnection if is_sqlite(self.engine) else PostgresqlConnection)(
            driver
        )

    def give_back(self, reader: DriverConnection) -> None:
        """Return a connection to the pool."""
        self.idle.append(reader)
        self.seats.release()

    async def close(self) -> None:
        """Close the idle connections."""
        while self.idle:
            with suppress(Exception):  # it may be closed already
                await self.idle.pop().driver.close()


class ConnectionLease:
    """Lends a connection for an `async with` block; see `Database.reading`.

    A class, since a generator's overhead exceeds its work.
    """

    __slots__ = ("reader", "readers")

    def __init__(self, readers: ConnectionPool) -> None:
        self.readers = readers

    async def __aenter__(self) -> ReadConnection:
        try:
            self.reader = await self.readers.take()
        except Exception as exc:
            if (unavailable := to_unavailable(exc)) is None:
                raise
            raise unavailable from exc
        return self.reader

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.readers.give_back(self.reader)
        if isinstance(exc, Exception) and (unavailable := to_unavailable(exc)):
            raise unavailable from exc
