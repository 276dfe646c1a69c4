"""The programs of the page about clients, as a reader of it has them."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.cli.importing import ImportRequest, import_files
from gateway.dialects.context import DecodeContext
from gateway.settings import read_settings
from gateway.store.database import open_database
from tests.features.gateways import Ended
from tests.pages import Step, read_six_jobs, read_steps

PAGE = "docs/clients.md"
PROJECT = Path(__file__).with_name("front_ends")
PATIENCE_S = 60


STEPS: list[Step] = [read_six_jobs(), *read_steps(PAGE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that runs."""

    process: asyncio.subprocess.Process

    async def read_line(self) -> str:
        """Read a line as soon as it is printed."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S)
        return line.decode()

    async def end(self) -> Ended:
        """Wait for its end, and give what was not read yet."""
        output = await asyncio.wait_for(self.process.communicate(), PATIENCE_S)
        stdout, stderr = (each.decode() for each in output)
        return Ended(code=self.process.returncode or 0, stdout=stdout, stderr=stderr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A gateway that serves, and the folder of the programs that ask it."""

    address: str
    folder: Path
    database_url: str

    async def fill(self, account: str, *names: str) -> str:
        """Import files of the folder for an account, and make a key for it."""
        database = open_database(read_settings(database_url=self.database_url))
        context = DecodeContext(project_id=None, time_zone=ZoneInfo("UTC"))
        request = ImportRequest(
            format_name="ndjson",
            paths=tuple(self.folder / name for name in names),
            account=account,
            context=context,
        )
        summary = await import_files(database, request)
        assert summary.rejected == 0
        scopes = ("jobs:read", "usage:read")
        key = await issue_key(database, KeyRequest(account=account, scopes=scopes))
        await database.close()
        return key.text

    async def start(self, command: str, key: str) -> Program:
        """Start a program of the page with a key."""
        program, *arguments = command.split()
        path = sys.executable if program == "python" else program
        env = {"JOBS_URL": f"{self.address}/graphql", "JOBS_KEY": key}
        process = await asyncio.create_subprocess_exec(
            path,
            *arguments,
            cwd=self.folder,
            env=dict(os.environ) | env,  # noqa: TID251 -- given on to the process
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return Program(process=process)

    async def run(self, command: str, key: str) -> Ended:
        """Run a program of the page to its end."""
        return await (await self.start(command, key)).end()


@asynccontextmanager
async def serving_files(folder: Path) -> AsyncIterator[str]:
    """Serve a folder as the page says to, and give the origin of its pages."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)
        found = re.search(rb"http://[\d.:]+", line)
        assert found is not None
        yield found[0].decode()
    finally:
        process.kill()
        await process.wait()
