"""What comes around a body is bounded, and taken as HTTP says."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from tests.web.wires import echo, listening

POST = b"POST /graphql HTTP/1.1\r\nhost: a\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
BODY = b"5\r\nhello\r\n0\r\n"
LIMIT = 1024
FORGED = b"x-api-key: a.b\r\nx-account: other\r\nx-forwarded-for: 192.0.2.1\r\n"
OFFER = b"connection: Upgrade, HTTP2-Settings\r\nhttp2-settings: AAMAAA\r\nupgrade: "


@pytest.mark.parametrize("size", [1, 7, 1000], ids=["bytes", "pieces", "whole"])
async def test_trailers_are_no_headers(size: int) -> None:
    data = CHUNKED + BODY + FORGED + b"\r\n"
    async with listening() as server:
        answer = await server.ask(*cut(data, size))
    assert answer.body == {
        "asked": "POST /graphql",
        "headers": [["host", "a"], ["transfer-encoding", "chunked"]],
        "body": "hello",
    }


async def test_trailers_are_not_those_of_the_next_request() -> None:
    async with listening() as server, server.line() as line:
        line.write(CHUNKED + BODY + FORGED + b"\r\n")
        assert (await line.read()).status == 200
        line.write(b"GET /next HTTP/1.1\r\nhost: b\r\n\r\n")
        answer = await line.read()
    assert answer.body["headers"] == [["host", "b"]]


def cut(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


# What is no body, and without end; a client may send it whole or bit by bit.
ENDLESS = {
    "trailers": CHUNKED + BODY + b"x: y\r\n" * LIMIT,
    "a trailer's value": CHUNKED + BODY + b"x: " + b"y" * 2 * LIMIT,
    "a trailer's name": CHUNKED + BODY + b"y" * 2 * LIMIT,
    "an extension of a chunk": CHUNKED + b"5;" + b"x" * 2 * LIMIT,
    "an extension of the last chunk": CHUNKED + b"5\r\nhello\r\n0;" + b"x" * 2 * LIMIT,
}
HEADS = {
    "headers": b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * LIMIT + b"\r\n",
    "a header": b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 2 * LIMIT + b"\r\n\r\n",
    "a path": b"GET /" + b"y" * 2 * LIMIT + b" HTTP/1.1\r\nhost: a\r\n\r\n",
    "an unfinished header": b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 2 * LIMIT,
    "blank lines": b"\r\n" * LIMIT,
}


@pytest.mark.parametrize("size", [100, 10_000], ids=["pieces", "whole"])
@pytest.mark.parametrize("name", ENDLESS)
async def test_what_follows_a_body_is_bounded(name: str, size: int) -> None:
    async with listening(max_head_bytes=LIMIT) as server:
        answer = await server.ask(*cut(ENDLESS[name], size))
    assert answer.status == 400
    assert answer.message == (
        "the request's trailers have more than 1024 bytes (GATEWAY_MAX_HEAD_BYTES);"
        " send less"
    )


@pytest.mark.parametrize("size", [100, 10_000], ids=["pieces", "whole"])
@pytest.mark.parametrize("name", HEADS)
async def test_what_comes_before_a_body_is_bounded(name: str, size: int) -> None:
    async with listening(max_head_bytes=LIMIT) as server:
        answer = await server.ask(*cut(HEADS[name], size))
    assert answer.status == 400
    assert answer.message == (
        "the request's head has more than 1024 bytes (GATEWAY_MAX_HEAD_BYTES);"
        " send less"
    )


async def test_a_refused_client_may_send_much_more_and_has_its_answer() -> None:
    async with listening() as server, server.line() as line:
        line.write(CHUNKED + BODY + b"x: y\r\n" * 1_000_000)
        answer = await line.read()
        assert await line.ended() == b""
    assert (answer.status, "65536 bytes" in answer.message) == (400, True)
    assert "connection: close" in answer.head


async def test_a_body_of_many_small_chunks_is_none_of_it() -> None:
    chunks = b"1\r\nx\r\n" * 20_000
    async with listening(max_head_bytes=LIMIT) as server:
        answer = await server.ask(CHUNKED + chunks + b"0\r\n\r\n")
    assert answer.body["body"] == "x" * 20_000


async def test_what_a_long_body_ends_with_does_not_count_for_the_next_head() -> None:
    body = POST + b"content-length: 200000\r\n\r\n" + b"x" * 200_000
    async with listening(max_head_bytes=LIMIT) as server, server.line() as line:
        line.write(body + b"GET /next HTTP/1.1\r\nhost:")
        assert (await line.read()).status == 200
        line.write(b" a\r\n\r\n")
        assert (await line.read()).body["asked"] == "GET /next"


FRAMES = {
    "length": b"content-length: 5\r\n\r\nhello",
    "chunks": b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("size", [1, 60, 1000], ids=["bytes", "pieces", "whole"])
@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.0", b"h2c, x"])
@pytest.mark.parametrize("frame", FRAMES)
async def test_a_body_with_an_offer_of_another_protocol_is_read(
    frame: str, protocol: bytes, size: int
) -> None:
    data = POST + OFFER + protocol + b"\r\n" + FRAMES[frame]
    async with listening() as server:
        answer = await server.ask(*cut(data, size))
    assert (answer.status, answer.body["body"]) == (200, "hello")
    assert "upgrade" not in [name for name, _ in answer.body["headers"]]


async def test_requests_before_and_after_such_an_offer_are_answered() -> None:
    get = b"GET /plain HTTP/1.1\r\nhost: a\r\n\r\n"
    offer = POST + OFFER + b"h2c\r\n" + FRAMES["length"]
    async with listening() as server, server.line() as line:
        line.write(get + offer + offer + get)
        asked = [(await line.read()).body["asked"] for _ in range(4)]
    assert asked == ["GET /plain", "POST /graphql", "POST /graphql", "GET /plain"]


async def test_nobody_is_connected_to_another_server() -> None:
    async with listening() as server:
        answer = await server.ask(b"CONNECT b:443 HTTP/1.1\r\nhost: b:443\r\n\r\n")
    assert (answer.status, "allow: get, post" in answer.head) == (405, True)


@pytest.mark.parametrize(
    ("version", "hosts", "status", "reason"),
    [
        (b"1.1", b"", 400, "no host header"),
        (b"1.1", b"host: a\r\nhost: a\r\n", 400, "2 host headers"),
        (b"1.0", b"host: a\r\nhost: b\r\n", 400, "2 host headers"),
        (b"1.1", b"Host: a\r\n", 200, ""),
        (b"1.1", b"host:\r\n", 200, ""),
        (b"1.0", b"", 200, ""),
    ],
)
async def test_a_request_names_one_host(
    version: bytes, hosts: bytes, status: int, reason: str
) -> None:
    async with listening() as server:
        answer = await server.ask(b"GET / HTTP/%s\r\n%s\r\n" % (version, hosts))
    assert answer.status == status
    assert status == 200 or reason in answer.message


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nhost: a\r\nx y: z\r\n\r\n",
        CHUNKED + b"zz\r\n",
        POST + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["text", "HTTP/2", "TLS", "header", "chunk", "two lengths"],
)
async def test_what_is_no_http_is_refused(data: bytes) -> None:
    async with listening() as server:
        answer = await server.ask(data)
    assert (answer.status, answer.body["errors"][0]["extensions"]) == (
        400,
        {"code": "BAD_REQUEST"},
    )


async def test_an_error_is_not_taken_for_the_answer_to_an_earlier_request() -> None:
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        is_asked.set()
        await may_answer.wait()
        await echo(scope, receive, send)

    async with listening(wait) as server, server.line() as line:
        line.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await is_asked.wait()
        line.write(b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n")
        assert await line.ended() == b""
        may_answer.set()
