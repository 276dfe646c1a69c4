"""Clients that send nothing, little, or take no answer hold no connection for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from gateway.web.reply import Reply, send_piece, send_reply
from tests.web.wires import Line, Server, echo, listening

PATIENCE_S = 30
GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n"
SHORT_S = 0.3
LONG_BYTES = 20_000_000


async def dribble(line: Line) -> bytes:
    """Send a byte again and again until the connection ends."""

    async def send() -> None:
        while True:
            line.write(b"x")
            await asyncio.sleep(SHORT_S / 10)

    sending = asyncio.create_task(send())
    try:
        return await line.ended()
    finally:
        sending.cancel()


async def until_none_is_open(server: Server) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while server.connections.connections:  # noqa: ASYNC110 -- uvicorn tells nobody
            await asyncio.sleep(0.01)


async def test_a_silent_connection_is_closed() -> None:
    async with listening(client_timeout_s=SHORT_S) as server, server.line() as line:
        assert await line.ended() == b""
        await until_none_is_open(server)
    assert not server.connections.idle


@pytest.mark.parametrize("begin", [b"G", GET[:-2], GET[:-4] + b"\r\nx:", b"\r\n"])
@pytest.mark.parametrize("before", [0, 2], ids=["first", "third"])
async def test_an_unfinished_head_is_refused(begin: bytes, before: int) -> None:
    async with listening(client_timeout_s=SHORT_S) as server, server.line() as line:
        for _ in range(before):
            line.write(GET)
            assert (await line.read()).status == 200
        line.write(begin)
        answer = await line.read()
        assert await line.ended() == b""
    assert answer.status == 408
    assert answer.message == (
        "the request's head did not come within 0.3 s (GATEWAY_CLIENT_TIMEOUT_S);"
        " send it again, faster"
    )


async def test_a_head_that_goes_on_for_ever_is_refused() -> None:
    async with listening(client_timeout_s=SHORT_S) as server, server.line() as line:
        line.write(b"GET /")
        assert (await dribble(line)).startswith(b"HTTP/1.1 408 ")


async def test_a_head_in_time_is_answered_however_it_comes() -> None:
    async with listening() as server:
        answer = await server.ask(*(GET[at : at + 1] for at in range(len(GET))))
    assert answer.status == 200


async def refuse(_: Scope, __: Receive, send: Send) -> None:
    await send_reply(send, Reply(status=401, body=b"{}"))


@pytest.mark.parametrize("is_silent", [True, False], ids=["silent", "dribbling"])
async def test_the_rest_of_a_refused_body_is_not_awaited_for_long(
    *, is_silent: bool
) -> None:
    async with (
        listening(refuse, client_timeout_s=SHORT_S) as server,
        server.line() as line,
    ):
        line.write(POST + b"x")
        assert (await line.read()).status == 401
        assert await (line.ended() if is_silent else dribble(line)) == b""


async def test_after_the_rest_of_a_refused_body_the_connection_is_kept_and_closed() -> (
    None
):
    async with listening(refuse, keep_alive_s=1) as server, server.line() as line:
        line.write(POST + b"x")
        assert (await line.read()).status == 401
        line.write(b"x" * 999)
        line.write(GET)
        assert (await line.read()).status == 401
        line.write(POST)
        assert (await line.read()).status == 401
        line.write(b"x" * 1000)
        assert await line.ended() == b""


async def answer_long(_: Scope, __: Receive, send: Send) -> None:
    await send_reply(send, Reply(status=200, body=b"x" * LONG_BYTES))


async def answer_in_pieces(_: Scope, __: Receive, send: Send) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": []}
    await send(start)
    for _i in range(200):
        await send_piece(send, b"x" * (LONG_BYTES // 200), is_last=False)
    await send_piece(send, b"", is_last=True)


@pytest.mark.parametrize("app", [answer_long, answer_in_pieces])
@pytest.mark.parametrize("ends", [b"", b"connection: close\r\n"], ids=["kept", "ends"])
async def test_an_answer_that_is_not_taken_ends_the_connection(
    app: type[Scope], ends: bytes
) -> None:
    async with (
        listening(app, client_timeout_s=SHORT_S) as server,  # type: ignore[arg-type]
        server.line() as line,
    ):
        line.reader._transport.pause_reading()  # type: ignore[attr-defined]  # noqa: SLF001 -- there is no other way
        line.write(GET[:-2] + ends + b"\r\n")
        await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE_S):
            while not server.connections.tasks:  # noqa: ASYNC110 -- see above
                await asyncio.sleep(0)
        await until_none_is_open(server)


async def test_an_answer_that_is_taken_slowly_comes_whole() -> None:
    async with (
        listening(answer_in_pieces, client_timeout_s=SHORT_S) as server,
        server.line() as line,
    ):
        line.write(GET[:-2] + b"connection: close\r\n\r\n")
        taken = 0
        while piece := await line.reader.read(500_000):
            taken += len(piece)
            await asyncio.sleep(SHORT_S / 20)
    assert taken > LONG_BYTES


@asynccontextmanager
async def lines(server: Server, count: int) -> AsyncIterator[list[Line]]:
    """Open connections, one after the other."""
    async with AsyncExitStack() as stack:
        opened = []
        for at in range(count):
            opened.append(await stack.enter_async_context(server.line()))
            async with asyncio.timeout(PATIENCE_S):
                while len(server.connections.connections) <= at:  # noqa: ASYNC110 -- see above
                    await asyncio.sleep(0)
        yield opened


async def test_for_one_more_connection_the_longest_idle_one_is_closed() -> None:
    async with (
        listening(max_connections=3) as server,
        lines(server, 3) as (first, second, third),
    ):
        first.write(GET)
        assert (await first.read()).status == 200
        assert (await server.ask(GET)).status == 200
        assert await second.ended() == b""
        for line in (first, third):
            line.write(GET)
            assert (await line.read()).status == 200


async def test_no_connection_whose_request_is_being_answered_is_closed() -> None:
    may_answer = asyncio.Event()

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/":
            await may_answer.wait()
        await echo(scope, receive, send)

    async with (
        listening(wait, max_connections=2) as server,
        lines(server, 2) as (busy, idle),
    ):
        busy.write(GET)
        async with asyncio.timeout(PATIENCE_S):
            while len(server.connections.idle) > 1:  # noqa: ASYNC110 -- see above
                await asyncio.sleep(0)
        async with server.line() as other:
            other.write(GET)
            assert await idle.ended() == b""
            async with asyncio.timeout(PATIENCE_S):
                while server.connections.idle:  # noqa: ASYNC110 -- see above
                    await asyncio.sleep(0)
            refused = await server.ask()
            may_answer.set()
            answers = [await busy.read(), await other.read()]
    assert refused.status == 503
    assert refused.body["errors"][0]["extensions"]["code"] == "OVERLOADED"
    assert "all 2 connections" in refused.message
    assert "(GATEWAY_MAX_CONNECTIONS)" in refused.message
    assert "retry-after: 1" in refused.head
    assert [each.status for each in answers] == [200, 200]
