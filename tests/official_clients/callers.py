"""Official clients as processes that make one call after the other."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.packages import install_npm, install_python

FOLDER = Path(__file__).parent
PATIENCE_S = 120
# One answer may be a page of jobs.
MAX_LINE_BYTES = 2**24

Outcome = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A running client that calls a gateway.

    Attributes:
        given: What each request says, unless a call says otherwise.
    """

    process: asyncio.subprocess.Process
    given: Mapping[str, object]

    async def call(self, name: str, arguments: object = (), **changes: object) -> Any:  # noqa: ANN401 -- JSON
        """Make a call and give the value the client holds then."""
        outcome = await self.outcome(name, arguments, **changes)
        assert "error" not in outcome, outcome
        return outcome["value"]

    async def outcome(
        self, name: str, arguments: object = (), **changes: object
    ) -> Outcome:
        """Make a call and give all the client's script tells of it."""
        request = {**self.given, "call": name, "arguments": arguments, **changes}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S)
        outcome: Outcome = json.loads(line)
        return outcome


@asynccontextmanager
async def calling_python(name: str, **given: object) -> AsyncIterator[Caller]:
    """Run the script of a client of PyPI."""
    project = FOLDER / name
    environment = await install_python(
        name.replace("_", "-"), project / "requirements.txt"
    )
    command = (environment / "bin/python", project / "client.py")
    async with calling(command, given) as caller:
        yield caller


@asynccontextmanager
async def calling_node(
    name: str, folder: Path, **given: object
) -> AsyncIterator[Caller]:
    """Run the script of a client of npm, from a folder of the test's own."""
    await install_npm(name.replace("_", "-"), FOLDER / name, folder)
    async with calling(("node", folder / "client.mjs"), given) as caller:
        yield caller


@asynccontextmanager
async def calling(
    command: Sequence[str | Path], given: Mapping[str, object]
) -> AsyncIterator[Caller]:
    """Run a script that answers lines, up to the block's end."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_LINE_BYTES,
    )
    try:
        yield Caller(process=process, given=given)
    finally:
        process.kill()
        await process.wait()
