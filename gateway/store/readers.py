"""Connections that only read, kept open between requests, with no layer on the driver.

SQLAlchemy connects, and then leaves the connections to this pool: its own switches
greenlets twice for each request, which takes some fifty microseconds. The connection
that was used last is the next, so that the caches of few of them stay warm.
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


class Reader(Protocol):
    """A connection that reads."""

    async def fetch(self, statement: Statement, values: Sequence[Any]) -> Sequence[Row]:
        """Run one statement with positional values and give all its rows."""


class SqliteReader:
    """Reads through aiosqlite; a cancelled statement is interrupted."""

    is_closed = False

    def __init__(self, driver: Any) -> None:  # noqa: ANN401 -- the driver's own object
        self.driver = driver

    async def fetch(self, statement: Statement, values: Sequence[Any]) -> Sequence[Row]:
        """See `Reader`."""
        try:
            rows: list[Row] = await self.driver.execute_fetchall(statement.sql, values)
        except asyncio.CancelledError:
            await self.driver.interrupt()
            raise
        if statement.is_packed:
            rows = orjson.loads(rows[0][0])
        return rows


class PostgresqlReader:
    """Reads through asyncpg, which cancels a statement together with its task."""

    def __init__(self, driver: Any) -> None:  # noqa: ANN401 -- the driver's own object
        self.driver = driver

    @property
    def is_closed(self) -> bool:
        """Whether the server has closed the connection."""
        closed: bool = self.driver.is_closed()
        return closed

    async def fetch(self, statement: Statement, values: Sequence[Any]) -> Sequence[Row]:
        """See `Reader`."""
        rows: list[Row] = await self.driver.fetch(statement.sql, *values)
        return rows


DriverReader = SqliteReader | PostgresqlReader


class Readers:
    """Gives each connection to one task at a time.

    Args:
        engine: What connects.
        size: How many connections there are at the most.
        timeout_s: How long a task waits for one.
    """

    def __init__(self, engine: AsyncEngine, *, size: int, timeout_s: float) -> None:
        self.engine = engine
        self.timeout_s = timeout_s
        self.seats = asyncio.Semaphore(size)
        self.idle: list[DriverReader] = []

    async def take(self) -> DriverReader:
        """Take a connection that is open: the one used last, or a new one.

        `give_back` takes it again.

        Raises:
            DatabaseUnavailableError: All are busy for longer than the timeout.
            Exception: What the driver raises where it cannot connect.
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

    async def connect(self) -> DriverReader:
        """Open a connection."""
        pooled = await self.engine.raw_connection()
        driver = pooled.driver_connection
        pooled.detach()
        return (SqliteReader if is_sqlite(self.engine) else PostgresqlReader)(driver)

    def give_back(self, reader: DriverReader) -> None:
        """Keep a connection for the next task."""
        self.idle.append(reader)
        self.seats.release()

    async def close(self) -> None:
        """Close the connections that nobody uses."""
        while self.idle:
            with suppress(Exception):  # it may be broken, and is gone either way
                await self.idle.pop().driver.close()


class Reading:
    """A connection for the length of an `async with` block; see `Database.reading`.

    A class, since a generator would cost more than all it does.
    """

    __slots__ = ("reader", "readers")

    def __init__(self, readers: Readers) -> None:
        self.readers = readers

    async def __aenter__(self) -> Reader:
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
