"""Upstreams on loopback that answer as a test's function says."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came."""

    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]


# The bytes of an answer; None closes the connection instead.
Reply = bytes | None
Answer = Callable[[Asked], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site that serves, and what it was asked."""

    address: str
    asked: list[Asked] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """The paths it was asked for, in order."""
        return [each.path for each in self.asked]


def to_reply(
    body: bytes = b"", *, status: str = "200 OK", headers: str = "", length: int = -1
) -> bytes:
    """Write an HTTP answer.

    Args:
        body: What follows the head.
        status: Number and words.
        headers: More of them, each with its line end.
        length: What `content-length` says; -1 is the truth.
    """
    size = len(body) if length < 0 else length
    head = f"HTTP/1.1 {status}\r\ncontent-length: {size}\r\n{headers}\r\n"
    return head.encode() + body


def to_json(value: Any, **changes: Any) -> bytes:  # noqa: ANN401 -- any JSON value
    """Write an answer of JSON."""
    return to_reply(orjson.dumps(value), **changes)


def parse(head: bytes) -> Asked:
    """Read the head of a request."""
    first, *lines = head.decode().split("\r\n")
    target = urlsplit(first.split(" ")[1])
    pairs = (line.split(": ", 1) for line in lines if line)
    return Asked(
        path=unquote(target.path),
        params=dict(parse_qsl(target.query)),
        headers={name.lower(): value for name, value in pairs},
    )


@asynccontextmanager
async def serving(
    answer: Answer, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Site]:
    """Serve on a free port, keeping connections open as real servers do."""
    scheme, open_writers = ("https" if tls else "http"), set()

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        open_writers.add(writer)
        try:
            while True:
                asked = parse(await reader.readuntil(b"\r\n\r\n"))
                site.asked.append(asked)
                reply = answer(asked)
                writer.write(reply or b"")
                await writer.drain()
                if reply is None or is_cut(reply):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            open_writers.discard(writer)
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    site = Site(address=f"{scheme}://127.0.0.1:{port}")
    try:
        yield site
    finally:
        server.close()
        for writer in open_writers:
            writer.close()


def is_cut(reply: bytes) -> bool:
    """Tell whether an answer says that it is longer than it is."""
    head, _, body = reply.partition(b"\r\n\r\n")
    length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    return length != len(body)
