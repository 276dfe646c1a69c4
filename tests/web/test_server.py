import asyncio
import os
import socket

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from gateway.errors import StartupError
from gateway.settings import Settings
from gateway.web.middleware import RequestFrame
from gateway.web.rest.dialects import to_refusal
from gateway.web.server import GatewayServer, bind, to_address
from tests.web.processes import running


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("192.0.2.1", "this machine does not have the address"),
        ("nowhere.invalid", "the host is not known"),
    ],
)
def test_an_address_that_cannot_be_had_is_explained(host: str, reason: str) -> None:
    with pytest.raises(StartupError, match=reason):
        bind(host, 0)


def test_a_port_in_use_is_explained() -> None:
    with bind("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(StartupError, match="the port is in use"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")],  # noqa: S104
)
def test_the_address_can_be_opened_on_this_machine(host: str, shown: str) -> None:
    if ":" in host and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with bind(host, 0) as listener:
        port = listener.getsockname()[1]
        assert to_address(listener) == f"http://{shown}:{port}"


def test_a_worker_has_nobody_wait_for_connections() -> None:
    config = uvicorn.Config(Starlette())
    with (
        bind("127.0.0.1", 0) as listener,
        socket.socket(fileno=os.dup(listener.fileno())) as given,
    ):
        server = GatewayServer(config, given, Settings())
        assert not os.get_blocking(listener.fileno())
        assert server.accept_rest() == []


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 70_000,
        b"GET / HTTP/1.1\r\nx: " + b"a" * 70_000,
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000,
    ],
    ids=["path", "value", "many"],
)
async def test_a_head_without_end_is_refused(head: bytes) -> None:
    async with running("1", "slow") as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(head)
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"more than 65536 bytes" in answer


async def cancelled(_: Scope, __: Receive, ___: Send) -> None:
    raise asyncio.CancelledError


async def test_a_request_that_a_shutdown_cancels_is_told_to_retry() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await RequestFrame(cancelled, refuse=to_refusal, settings=Settings())(
        scope, receive, send
    )
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"1") in sent[0]["headers"]
