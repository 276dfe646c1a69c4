import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.benchmarks.client import AnswerError, open_client, to_get, to_post
from tests.benchmarks.measure import Entrant, Pace, check_answers, measure
from tests.benchmarks.works import WORKS


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the target, in two pieces; what is not known with 404."""
    while head := await read_head(reader):
        target = head.split(b" ")[1]
        status = b"404 Not Found" if target == b"/none" else b"200 OK"
        body = b'{"data": "%s"}' % target
        length = b"Content-Length: %d" % len(body)
        writer.write(b"HTTP/1.1 %s\r\n%s\r\n\r\n" % (status, length))
        await writer.drain()
        writer.write(body)
    writer.close()


async def read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The port of a server that says which target it was asked for."""
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        found: int = server.sockets[0].getsockname()[1]
        yield found


async def test_a_connection_carries_one_request_after_the_other(port: int) -> None:
    async with open_client(port, 1) as client:
        bodies = [await client.ask(to_get(target)) for target in ("/a", "/b")]
    assert bodies == [b'{"data": "/a"}', b'{"data": "/b"}']


async def test_an_answer_other_than_200_ends_the_measurement(port: int) -> None:
    async with open_client(port, 1) as client:
        with pytest.raises(AnswerError, match="404"):
            await client.ask(to_get("/none"))


async def test_contestants_that_answer_differently_are_not_compared(port: int) -> None:
    async with open_client(port, 1) as client:
        entrants = [
            Entrant(name=name, client=client, requests=[to_get(f"/{name}")])
            for name in ("one", "other")
        ]
        with pytest.raises(ValueError, match="other answers page24 differently"):
            await check_answers(WORKS[0], entrants)


async def test_each_entrant_has_a_rate_for_each_round(port: int) -> None:
    pace = Pace(rounds=2, requests=3, concurrency=2)
    async with open_client(port, 2) as client:
        entrants = [
            Entrant(name=name, client=client, requests=[to_get(f"/{name}")])
            for name in ("one", "other")
        ]
        rates = await measure(entrants, pace)
    assert {name: len(found) for name, found in rates.by_name.items()} == {
        "one": 2,
        "other": 2,
    }


def test_a_post_says_how_long_its_body_is() -> None:
    request = to_post("/graphql", b"{}", {"x-api-key": "a.b"})
    assert b"\r\ncontent-length: 2\r\nx-api-key: a.b\r\n\r\n{}" in request
