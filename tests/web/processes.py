"""Servers run as processes of their own, and clients that load them."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30


class Fate(Enum):
    """What became of a request."""

    ANSWERED = "answered"
    REFUSED = "refused"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server process, and where it listens."""

    process: asyncio.subprocess.Process
    port: int

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and give the exit code."""
        self.process.send_signal(number)
        return await self.exit_code()

    async def begun(self) -> int:
        """Give how many requests the processes began; asked when they have ended."""
        assert self.process.stdout is not None
        return sum(map(int, (await self.process.stdout.read()).split()))

    async def exit_code(self) -> int:
        """Wait for the end."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE_S)


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[Served]:
    """Run the slow server."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.web.slow_server",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield Served(process=process, port=int(await process.stdout.readline()))
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
        await process.communicate()


async def ask(port: int, path: str = "/") -> bytes:
    """Ask on a new connection and give the body.

    Raises:
        ConnectionRefusedError: Nobody listens.
        OSError: The connection broke.
        EOFError: It ended before the answer did.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await ask_on(reader, writer, path)
    finally:
        writer.close()


async def ask_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str = "/"
) -> bytes:
    """Ask on a connection and give the body; see `ask`."""
    writer.write(b"GET %s HTTP/1.1\r\nhost: a\r\n\r\n" % path.encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, _, rest = head.partition(b"content-length: ")
    return await reader.readexactly(int(rest.split(b"\r\n")[0]))


async def keep_asking(port: int) -> Counter[Fate]:
    """Ask again and again until nobody listens, and count."""
    fates: Counter[Fate] = Counter()
    while not fates[Fate.REFUSED]:
        try:
            await ask(port)
            fates[Fate.ANSWERED] += 1
        except ConnectionRefusedError:
            fates[Fate.REFUSED] += 1
        except (OSError, EOFError):
            fates[Fate.LOST] += 1
    return fates
