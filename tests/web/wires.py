"""Bytes sent to a server of the test's own process, and its answers read."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.settings import Settings
from gateway.web.connections import Connections
from gateway.web.protocol import GatewayProtocol
from gateway.web.reply import Reply, send_reply
from gateway.web.server import to_config

PATIENCE_S = 30


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was asked, once the body is there."""
    body = bytearray()
    while (message := await receive()).get("more_body", False):
        body += message["body"]
    body += message.get("body", b"")
    headers = [[name.decode(), value.decode()] for name, value in scope["headers"]]
    told = {
        "asked": f"{scope['method']} {scope['path']}",
        "headers": headers,
        "body": body.decode(),
    }
    await send_reply(send, Reply(status=200, body=orjson.dumps(told)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer; the status is 0 where the connection ended without one."""

    status: int
    head: str = ""
    body: Any = None

    @property
    def message(self) -> str:
        """The message of the error."""
        found: str = self.body["errors"][0]["message"]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A connection to the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def write(self, data: bytes) -> None:
        """Send data when there is time."""
        self.writer.write(data)

    async def read(self) -> Answered:
        """Read the next answer."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
            except asyncio.IncompleteReadError:
                return Answered(status=0)
            _, _, rest = head.partition("content-length: ")
            body = await self.reader.readexactly(int(rest.split("\r\n")[0]))
        return Answered(status=int(head.split()[1]), head=head, body=json.loads(body))

    async def ended(self) -> bytes:
        """Wait for the end of the connection, and give what came before it."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that listens."""

    port: int
    connections: Connections

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Open a connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Line(reader=reader, writer=writer)
        finally:
            writer.transport.abort()

    async def ask(self, *pieces: bytes) -> Answered:
        """Send a request in pieces, and read its answer."""
        async with self.line() as line:
            for piece in pieces:
                line.write(piece)
                await asyncio.sleep(0)
            return await line.read()


@asynccontextmanager
async def listening(
    app: ASGIApp = echo,
    **changes: Any,  # noqa: ANN401 -- as `Settings.replace` takes them
) -> AsyncIterator[Server]:
    """Serve an application, with some settings changed."""
    settings = Settings().replace(**changes)
    config, connections = to_config(app, settings), Connections(settings)

    def make_protocol() -> GatewayProtocol:
        return GatewayProtocol(config=config, server_state=connections, app_state={})

    loop = asyncio.get_running_loop()
    server = await loop.create_server(make_protocol, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Server(port=port, connections=connections)
        for each in list(connections.connections):
            each.transport.abort()
        await asyncio.gather(*connections.tasks, return_exceptions=True)
