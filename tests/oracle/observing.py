"""All that the caller of an operation can observe: the answer, and its cost."""

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from typing_extensions import override

from gateway.auth.principal import Principal
from gateway.query.document.request import GraphqlRequest
from gateway.schema.operations import Operations
from gateway.setting_texts import SCOPES
from gateway.settings import Settings
from gateway.store.database import Database, open_database
from gateway.store.engine import Row
from gateway.store.readers import ReadConnection
from gateway.store.selects import Statement
from gateway.web.reply import to_json
from tests.oracle.arguments import CursorOf
from tests.oracle.books import read_edges
from tests.oracle.operations import Operation

# The server's clock, which no two answers share; under an alias they have a number.
CLOCKS = ("serverTime", "asOf")
CURSORS = ("cursor", "startCursor", "endCursor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the caller of an operation can observe.

    Attributes:
        asked: The statements it ran, each with its number of rows; they stand for the
            time it takes, which no test can measure without noise.
    """

    status: int
    payload: bytes
    asked: Sequence[tuple[str, int]]


@dataclass(frozen=True, kw_only=True)
class ObservedDatabase(Database):
    """A database that records its statements, each with its number of rows."""

    asked: list[tuple[str, int]] = field(default_factory=list)

    @override
    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadConnection]:
        async with super().reading() as reader:
            yield ObservedConnection(reader, self.asked)


@dataclass(frozen=True, slots=True)
class ObservedConnection:
    """A connection that records its statements."""

    reader: ReadConnection
    asked: list[tuple[str, int]]

    async def fetch(self, statement: Statement, values: Sequence[Any]) -> Sequence[Row]:
        """See `ReadConnection`."""
        rows = await self.reader.fetch(statement, values)
        self.asked.append((statement.sql, len(rows)))
        return rows


def open_observed(settings: Settings) -> ObservedDatabase:
    """Open a database that records its statements."""
    return observe(open_database(settings))


def observe(database: Database) -> ObservedDatabase:
    """Make a database record its statements from now on."""
    return ObservedDatabase(
        writer=database.writer, reader=database.reader, readers=database.readers
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A gateway that is asked, and its database."""

    operations: Operations
    database: ObservedDatabase

    async def ask(self, operation: Operation, principal: Principal) -> Observation:
        """Ask as a client would who takes cursors from earlier answers."""
        sent = {
            name: await self.take(value, principal)
            if isinstance(value, CursorOf)
            else value
            for name, value in operation.variables.items()
        }
        self.database.asked.clear()
        request = GraphqlRequest(query=operation.text, variables=sent)
        answer = await self.operations.execute(request, principal)
        is_narrow = principal.project_id is not None
        # What fails as a whole ends its other statements, wherever these are.
        is_whole = answer.payload.get("data") is not None
        return Observation(
            status=answer.status,
            payload=to_json(without_noise(answer.payload, is_narrow=is_narrow)),
            asked=tuple(self.database.asked) if is_whole else (),
        )

    async def take(self, wanted: CursorOf, principal: Principal) -> str | None:
        """Take a cursor from another answer; null where the list is empty."""
        if wanted.place < 0:
            return "bm9uZQ=="
        able = replace(principal, scopes=frozenset(SCOPES))
        edges = await read_edges(self.operations, wanted, able)
        cursors: Sequence[str] = [edge["cursor"] for edge in edges]
        return cursors[wanted.place % len(cursors)] if cursors else None


def without_noise(value: Any, *, is_narrow: bool) -> Any:  # noqa: ANN401 -- response values
    """Blank out what may differ.

    Args:
        value: Of an answer, or within one.
        is_narrow: Whether the principal sees one project only: its cursors hold the
            numbers of rows in the whole account, and so tell how many others there are.
    """
    if isinstance(value, list):
        return [without_noise(item, is_narrow=is_narrow) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: plain(key.partition("_")[0], item, is_narrow=is_narrow)
        for key, item in value.items()
    }


def plain(name: str, value: Any, *, is_narrow: bool) -> Any:  # noqa: ANN401 -- response values
    """Blank out what may differ of a field's value."""
    if name in CLOCKS:
        return "a clock's"
    if name in CURSORS and is_narrow and value is not None:
        fingerprint, position, _number = orjson.loads(urlsafe_b64decode(value))
        return [fingerprint, position]
    return without_noise(value, is_narrow=is_narrow)
