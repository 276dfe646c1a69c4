"""The command `gateway` run as a process, as a user runs it."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("gateway")
PATIENCE_S = 60
ADDRESS = re.compile(rb"http://[^/\"\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a command said, and its exit code."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that serves.

    Attributes:
        text: What the demo printed before it served.
    """

    process: asyncio.subprocess.Process
    address: str
    text: str = ""

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> Ended:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return await to_ended(self.process)


async def to_end(
    *arguments: str, env: Mapping[str, str], patience_s: float = PATIENCE_S
) -> Ended:
    """Run a command to its end."""
    return await to_ended(await start(arguments, env), patience_s)


@asynccontextmanager
async def running_gateway(
    *arguments: str, env: Mapping[str, str]
) -> AsyncIterator[Gateway]:
    """Run `gateway serve` on a free port."""
    process = await start(("serve", "--port", "0", *arguments), env)
    try:
        yield Gateway(process=process, address=await read_address(process))
    finally:
        if process.returncode is None:
            process.kill()
            await to_ended(process)


@asynccontextmanager
async def running_demo(
    *arguments: str, env: Mapping[str, str]
) -> AsyncIterator[Gateway]:
    """Run `gateway demo` on a free port, once it has said all it says."""
    process = await start(("demo", "--port", "0", *arguments), env)
    try:
        text = await read_text(process)
        address = re.search(ADDRESS, text)
        assert address is not None
        yield Gateway(process=process, address=address[0].decode(), text=text.decode())
    finally:
        if process.returncode is None:
            process.kill()
            await to_ended(process)


async def read_text(process: asyncio.subprocess.Process) -> bytes:
    """Read standard output up to its last line."""
    assert process.stdout is not None
    try:
        return await asyncio.wait_for(
            process.stdout.readuntil(b"Ctrl-C ends it.\n"), PATIENCE_S
        )
    except EOFError as exc:
        raise AssertionError((await to_ended(process)).stderr) from exc


async def start(
    arguments: tuple[str, ...], env: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Start the command, with no settings but the given ones."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}  # noqa: TID251 -- given on to the process
    return await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        env=own | dict(env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def read_address(process: asyncio.subprocess.Process) -> str:
    """Read log lines up to the one that has the address."""
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        while line := await process.stderr.readline():
            if match := ADDRESS.search(line):
                return match[0].decode()
    raise AssertionError((await to_ended(process)).stderr)


async def to_ended(
    process: asyncio.subprocess.Process, patience_s: float = PATIENCE_S
) -> Ended:
    """Wait for a command's end."""
    output = await asyncio.wait_for(process.communicate(), patience_s)
    stdout, stderr = (each.decode() for each in output)
    return Ended(code=process.returncode or 0, stdout=stdout, stderr=stderr)
