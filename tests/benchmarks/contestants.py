"""Who is measured: what serves, how it is asked, and that it runs as a process."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from gateway.settings import read_settings
from gateway.web.app import create_app
from tests.benchmarks.client import to_get, to_post
from tests.benchmarks.core_endpoint import make_core_app
from tests.benchmarks.driver_endpoint import make_driver_app
from tests.benchmarks.strawberry_app import make_strawberry_app
from tests.benchmarks.works import Wish

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("gateway")
PATIENCE_S = 60
LOOK_EVERY_S = 0.002


def make_gateway_app(url: str) -> ASGIApp:
    """Make the gateway as `gateway serve` does."""
    return create_app(read_settings(database_url=url))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """Someone who answers.

    Attributes:
        path: Where it takes GraphQL; empty where each work has a path of its own.
        folder: The checkout that it is of, with an environment of its own.
    """

    name: str
    title: str
    path: str
    make_app: Callable[[str], ASGIApp]
    folder: Path = ROOT

    def to_request(self, wish: Wish, key: str) -> bytes:
        """Write a request as this contestant takes it."""
        if not self.path:
            return to_get(wish.target)
        headers = {"x-api-key": key} if self.name == "gateway" else {}
        return to_post(self.path, wish.body, headers)

    def to_command(self, url: str, port: int, workers: int) -> list[str]:
        """Give the command that serves."""
        if self.name == "gateway":
            options = ["--port", str(port), "--workers", str(workers)]
            command = COMMAND
            if self.folder != ROOT:
                command = self.folder / ".venv" / "bin" / "gateway"
            return [str(command), "serve", *options]
        app = f"{self.make_app.__module__}:{self.make_app.__name__}"
        return [sys.executable, "-m", "tests.benchmarks.serve", app, url, str(port)]


CONTESTANTS = (
    Contestant(
        name="gateway", title="gateway", path="/graphql", make_app=make_gateway_app
    ),
    Contestant(name="core", title="SQLAlchemy Core", path="", make_app=make_core_app),
    Contestant(name="driver", title="driver", path="", make_app=make_driver_app),
    Contestant(
        name="strawberry",
        title="plain Strawberry",
        path="/graphql",
        make_app=make_strawberry_app,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A contestant that serves.

    Attributes:
        start_s: From the start of its process to its first whole answer.
    """

    contestant: Contestant
    pid: int
    port: int
    start_s: float

    def read_memory_mb(self, name: str) -> float:
        """Read a figure of the process: `VmRSS` now, or `VmHWM` at its peak."""
        path = Path(f"/proc/{self.pid}/status")
        if not path.exists():
            return float("nan")
        lines = path.read_text(encoding="ascii").splitlines()
        found = next(line for line in lines if line.startswith(f"{name}:"))
        return int(found.split()[1]) / 1024


@asynccontextmanager
async def running(
    contestant: Contestant, url: str, first: bytes, *, workers: int = 1
) -> AsyncIterator[Served]:
    """Run a contestant as a process until the block's end.

    Args:
        contestant: Who.
        url: The database.
        first: The request whose answer ends its start.
        workers: How many processes; only the gateway takes more than one.
    """
    port = find_port()
    started_s = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *contestant.to_command(url, port, workers),
        cwd=contestant.folder,
        env=to_environment(url),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await wait_for_answer(process, port, first)
        start_s = time.perf_counter() - started_s
        yield Served(contestant=contestant, pid=process.pid, port=port, start_s=start_s)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def to_environment(url: str) -> Mapping[str, str]:
    """Give the settings of a process; slow works may take their time.

    Modules are compiled when they are first imported, as wherever Python is installed.
    """
    dropped = ("GATEWAY_", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}  # noqa: TID251 -- given on to the process
    return kept | {"GATEWAY_DATABASE_URL": url, "GATEWAY_REQUEST_TIMEOUT_S": "300"}


def find_port() -> int:
    """Find a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def wait_for_answer(
    process: asyncio.subprocess.Process, port: int, request: bytes
) -> None:
    """Ask until there is an answer."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                if process.returncode is not None:
                    raise ChildProcessError(f"it ended: {process.returncode}") from None
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            writer.write(request)
            await reader.readuntil(b"}")
            writer.close()
            return
