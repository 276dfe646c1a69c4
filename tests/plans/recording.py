"""The statements that a gateway runs, recorded."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from gateway.store.database import Database
from gateway.store.engine import Row
from gateway.store.readers import ReadConnection
from gateway.store.selects import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedStatement:
    """A statement that was run, with its values."""

    sql: str
    values: Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class RecordingDatabase(Database):
    """A database that records its statements."""

    statements: list[RecordedStatement] = field(default_factory=list)

    @override
    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadConnection]:
        async with super().reading() as reader:
            yield RecordingConnection(reader, self.statements)

    def take(self) -> list[RecordedStatement]:
        """Give the statements since the last call, and forget them."""
        taken = list(self.statements)
        self.statements.clear()
        return taken


@dataclass(frozen=True, slots=True)
class RecordingConnection:
    """A connection that records its statements."""

    reader: ReadConnection
    statements: list[RecordedStatement]

    async def fetch(self, statement: Statement, values: Sequence[Any]) -> Sequence[Row]:
        """See `ReadConnection`."""
        self.statements.append(RecordedStatement(sql=statement.sql, values=values))
        return await self.reader.fetch(statement, values)


def record_statements(database: Database) -> RecordingDatabase:
    """Make a database record its statements."""
    return RecordingDatabase(
        writer=database.writer, reader=database.reader, readers=database.readers
    )
