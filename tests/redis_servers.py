"""Redis servers of Debian's package, run on loopback as processes."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "s3cr3t-of-redis"  # noqa: S105 -- of a server that lives for a test
PATIENCE_S = 30


@dataclass(slots=True, kw_only=True)
class RedisServer:
    """A server on a port of its own, whether it runs or not."""

    program: str
    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Its address, with the password."""
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "save": "",
            "dir": str(self.folder),
            "requirepass": PASSWORD,
        }
        words = [
            word for name, value in options.items() for word in (f"--{name}", value)
        ]
        self.process = await asyncio.create_subprocess_exec(
            self.program, *words, stdout=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(PATIENCE_S):
            while not await self.answers():  # noqa: ASYNC110 -- no event tells
                await asyncio.sleep(0.02)

    async def answers(self) -> bool:
        """Tell whether it listens."""
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            await writer.wait_closed()
            return True
        return False

    async def kill(self) -> None:
        """End it at once."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def running_redis(folder: Path) -> AsyncIterator[RedisServer]:
    """Run a server, or skip the test."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server on the PATH: `apt-get install redis-server`")
    server = RedisServer(program=program, folder=folder, port=find_free_port())
    try:
        await server.start()
        yield server
    finally:
        await server.kill()


def find_free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
