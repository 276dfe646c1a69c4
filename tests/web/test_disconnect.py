import asyncio

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from gateway.settings import Settings
from gateway.store.database import open_database
from gateway.web.endpoint import GraphqlEndpoint
from gateway.web.resources import Resources
from tests.web.fakes import FakeAuthenticator, FakeOperations, nothing

HEADERS = [(b"x-api-key", b"a.b"), (b"content-type", b"application/json")]
BODY = {"type": "http.request", "body": b'{"query":"{a}"}'}
GONE = {"type": "http.disconnect"}


async def wait_forever() -> None:
    await asyncio.Event().wait()


async def send_to(operations: FakeOperations, messages: list[Message]) -> list[Message]:
    """Call the endpoint as a server would, and give what it sends."""
    sent: list[Message] = []
    received = iter(messages)

    async def receive() -> Message:
        return next(received)

    async def send(message: Message) -> None:
        sent.append(message)

    resources = Resources(
        authenticator=FakeAuthenticator(),
        operations=operations,
        database=open_database(Settings()),
        check_ready=nothing,
    )
    scope = {
        "type": "http",
        "method": "POST",
        "query_string": b"",
        "headers": HEADERS,
        "state": {"resources": resources},
    }
    await GraphqlEndpoint(Settings(), page="")(scope, receive, send)
    return sent


async def test_work_for_a_client_that_is_gone_is_cancelled() -> None:
    operations = FakeOperations(act=wait_forever)
    with pytest.raises(ClientDisconnect):
        await send_to(operations, [BODY, GONE])
    assert operations.was_cancelled


async def test_a_body_that_never_came_whole_is_not_executed() -> None:
    operations = FakeOperations()
    with pytest.raises(ClientDisconnect):
        await send_to(operations, [{**BODY, "more_body": True}, GONE])
    assert operations.requests == []


async def test_a_client_that_stays_is_answered() -> None:
    sent = await send_to(FakeOperations(), [BODY])
    assert [each.get("status") for each in sent] == [200, None]
