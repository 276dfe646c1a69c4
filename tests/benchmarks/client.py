"""One client for all contestants: keep-alive connections, and as little as possible."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle, islice
from typing import Any

from typing_extensions import override

HOST = "127.0.0.1"
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


class AnswerError(Exception):
    """A contestant did not answer as it should."""


class Connection(asyncio.Protocol):
    """A connection that carries one request at a time."""

    transport: Any  # of the loop that is used
    answer: asyncio.Future[bytes]

    def __init__(self) -> None:
        self.buffer = b""
        self.head = b""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    async def ask(self, request: bytes) -> bytes:
        """Send a request and wait for the body of its answer."""
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer

    @override
    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(HEAD_END)
        length = LENGTH.search(self.buffer, 0, end) if end > 0 else None
        if length is None:
            return
        start = end + len(HEAD_END)
        if len(self.buffer) < start + int(length[1]):
            return
        whole, self.buffer = self.buffer, b""
        self.head = whole[:start]
        if whole.startswith(b"HTTP/1.1 200"):
            self.answer.set_result(whole[start:])
        else:
            self.answer.set_exception(AnswerError(whole.decode()))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if hasattr(self, "answer") and not self.answer.done():
            self.answer.set_exception(exc or AnswerError("the connection was closed"))


class Client:
    """Some connections to one port."""

    def __init__(self, port: int, connections: Sequence[Connection]) -> None:
        self.port = port
        self.connections = list(connections)

    async def ask(self, request: bytes) -> bytes:
        """Send one request."""
        await self.reconnect()
        return await self.connections[0].ask(request)

    async def reconnect(self) -> None:
        """Replace what a server has closed, because it was idle during slow turns."""
        for at, each in enumerate(self.connections):
            if each.transport.is_closing():
                self.connections[at] = await connect(self.port)

    def close(self) -> None:
        """Close all connections."""
        for each in self.connections:
            each.transport.close()

    async def measure(
        self, requests: Sequence[bytes], count: int, concurrency: int
    ) -> float:
        """Send requests in turn over several connections, and give the time in s."""
        await self.reconnect()
        shared = islice(cycle(requests), count)
        chosen = self.connections[:concurrency]
        started_s = time.perf_counter()
        await asyncio.gather(*(keep_asking(each, shared) for each in chosen))
        return time.perf_counter() - started_s


async def keep_asking(connection: Connection, requests: Iterator[bytes]) -> None:
    """Send requests as long as there are some."""
    for request in requests:
        await connection.ask(request)


async def connect(port: int) -> Connection:
    """Open a connection."""
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(Connection, HOST, port)
    return protocol


@asynccontextmanager
async def open_client(port: int, connections: int) -> AsyncIterator[Client]:
    """Connect to a port."""
    client = Client(port, [await connect(port) for _ in range(connections)])
    try:
        yield client
    finally:
        client.close()


def to_get(target: str) -> bytes:
    """Write a GET request."""
    return f"GET {target} HTTP/1.1\r\nhost: {HOST}\r\n\r\n".encode()


def to_post(target: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Write a POST request of JSON."""
    named = {
        "host": HOST,
        "content-type": "application/json",
        "content-length": str(len(body)),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"POST {target} HTTP/1.1\r\n{lines}\r\n".encode() + body
