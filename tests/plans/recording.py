"""What a gateway asks of its database, statement by statement."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from gateway.store.database import Database
from gateway.store.engine import Row
from gateway.store.readers import Reader
from gateway.store.selects import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A statement that was run, and with what."""

    sql: str
    values: Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class RecordingDatabase(Database):
    """A database that keeps what it was asked."""

    statements: list[Ran] = field(default_factory=list)

    @override
    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        async with super().reading() as reader:
            yield RecordingReader(reader, self.statements)

    def take(self) -> list[Ran]:
        """Give what was asked since the last time."""
        taken = list(self.statements)
        self.statements.clear()
        return taken


@dataclass(frozen=True, slots=True)
class RecordingReader:
    """A connection that keeps what it was asked."""

    reader: Reader
    statements: list[Ran]

    async def fetch(self, statement: Statement, values: Sequence[Any]) -> Sequence[Row]:
        """See `Reader`."""
        self.statements.append(Ran(sql=statement.sql, values=values))
        return await self.reader.fetch(statement, values)


def to_recording(database: Database) -> RecordingDatabase:
    """Record what is asked of a database."""
    return RecordingDatabase(
        writer=database.writer, reader=database.reader, readers=database.readers
    )
