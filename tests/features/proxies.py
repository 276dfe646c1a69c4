"""A way to a database that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import make_url


class Proxy:
    """Listens on a port of loopback and passes all to a PostgreSQL server."""

    def __init__(self, database_url: str) -> None:
        self.upstream = make_url(database_url)
        self.writers: set[asyncio.StreamWriter] = set()
        self.server: asyncio.Server | None = None
        self.port = 0

    @property
    def database_url(self) -> str:
        """The URL of the database, by way of the proxy."""
        url = self.upstream.set(host="127.0.0.1", port=self.port, query={})
        return url.render_as_string(hide_password=False)

    async def mend(self) -> None:
        """Listen, on the same port as before."""
        self.server = await asyncio.start_server(self.pass_on, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Stop listening, and break all connections."""
        if self.server is not None:
            self.server.close()
        for writer in self.writers:
            writer.transport.abort()
        # So that both sides have noticed.
        await asyncio.sleep(0)

    async def pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Join a client to the server until one of them ends."""
        upstream_reader, upstream_writer = await self.connect()
        self.writers |= {writer, upstream_writer}
        with suppress(OSError):
            await asyncio.gather(
                copy(reader, upstream_writer), copy(upstream_reader, writer)
            )
        self.writers -= {writer, upstream_writer}

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the server, which may listen on a socket file."""
        folder = self.upstream.query.get("host")
        port = self.upstream.port or 5432
        if folder is not None:
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self.upstream.host, port)


@asynccontextmanager
async def proxied(database_url: str) -> AsyncIterator[Proxy]:
    """Give a proxy to a database, whole at first."""
    proxy = Proxy(database_url)
    await proxy.mend()
    yield proxy
    await proxy.cut()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy a stream to its end."""
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()
