"""What fails is run once, and a time limit is told from a shutdown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient
from typing_extensions import override

from gateway.records import JobSource
from gateway.schema.operations import Operations
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from gateway.store.readers import ReadConnection
from gateway.web.app import create_app
from gateway.web.resources import Resources
from tests.factories import make_job, put
from tests.features.asking import to_asker, to_code
from tests.plans.recording import record_statements
from tests.web.fakes import KEY, FakeAuthenticator, nothing

SOURCES = (JobSource.MODZY, JobSource.SHAREDCLOUD)


async def test_a_statement_whose_field_fails_is_run_once(
    settings: Settings, database: Database
) -> None:
    twice = [make_job(job_identifier="a", source=source) for source in SOURCES]
    await put(database, "acme", *twice)
    recording = record_statements(database)
    asker = to_asker(settings, recording)
    payload = await asker.ask('{ job(jobIdentifier: "a") { status } }')
    assert to_code(payload) == "BAD_USER_INPUT"
    assert len(recording.take()) == 1


@dataclass(frozen=True, kw_only=True)
class SilentDatabase(Database):
    """A database that never gives a connection."""

    @override
    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadConnection]:
        await asyncio.Event().wait()
        yield await self.readers.take()


@pytest.mark.parametrize(
    "document",
    ["{ jobs { nodes { id } } }", '{ jobs { nodes { id } } node(id: "no") { id } }'],
    ids=["one field", "beside one that fails"],
)
def test_an_operation_that_takes_too_long_is_told_so(
    sqlite_url: str, document: str
) -> None:
    settings = read_settings(database_url=sqlite_url, request_timeout_s=0.2)

    @asynccontextmanager
    async def opener(_: Settings) -> AsyncIterator[Resources]:
        opened = open_database(settings)
        database = SilentDatabase(
            writer=opened.writer, reader=opened.reader, readers=opened.readers
        )
        yield Resources(
            authenticator=FakeAuthenticator(),
            operations=Operations(settings, database),
            database=database,
            check_ready=nothing,
        )

    with TestClient(create_app(settings, opener=opener), headers=KEY) as client:
        answer = client.post("/graphql", json={"query": document})
    assert answer.status_code == 504
    assert to_code(answer.json()) == "TIMEOUT"
