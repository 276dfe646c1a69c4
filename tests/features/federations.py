"""Subgraphs and routers of npm around a served gateway, as the manual sets them up."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.features.gateways import to_end
from tests.packages import install_npm

PROJECT = Path(__file__).with_name("federation")
MANUAL = Path(__file__).parents[2] / "docs" / "federation.md"
# A block of the manual that begins with the name of a file.
FILE = re.compile(r"^```\w+\n(?:#|//) (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CONFIGURATION = re.compile(r"^```json\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMPOSERS = {
    "apollo": "@apollo/composition",
    "guild": "@theguild/federation-composition",
}
PATIENCE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the subgraphs listen; `jobs` records what it passes on to the gateway."""

    billing: str
    teams: str
    jobs: str


async def install_federation(folder: Path) -> Path:
    """Install subgraphs and routers into a folder, or skip the test."""
    await install_npm("federation", PROJECT, folder)
    for name, text in FILE.findall(read_manual()):
        (folder / name).write_text(text, encoding="utf-8")
    printed = await to_end("schema", "--federation", env={})
    (folder / "jobs.graphql").write_text(printed.stdout, encoding="utf-8")
    return folder


def read_manual() -> str:
    """Read the manual's page."""
    return MANUAL.read_text(encoding="utf-8")


@asynccontextmanager
async def running_subgraphs(
    folder: Path, data: Mapping[str, Any]
) -> AsyncIterator[Addresses]:
    """Run the other subgraphs on what they know."""
    async with running(folder, "subgraphs.mjs", json.dumps(data)) as line:
        yield Addresses(**json.loads(line))


@asynccontextmanager
async def running_router(folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Run a router on what was composed last, and give a client of it."""
    async with running(folder, "router.mjs") as line:
        address = line.removeprefix("routing at ").strip()
        async with httpx2.AsyncClient(base_url=address, timeout=PATIENCE_S) as client:
            yield client


async def compose(folder: Path, addresses: Addresses, composer: str) -> None:
    """Compose the supergraph by the manual's program, with a package of the two."""
    (text,) = CONFIGURATION.findall(read_manual())
    configuration = json.loads(text)
    subgraphs = configuration["subgraphs"]
    subgraphs["teams"] = {"schema": {"file": "teams.graphql"}}
    for name, subgraph in subgraphs.items():
        subgraph["routing_url"] = getattr(addresses, name)
    program = (folder / "compose.mjs").read_text(encoding="utf-8")
    program = program.replace(COMPOSERS["apollo"], COMPOSERS[composer])
    (folder / f"{composer}.mjs").write_text(program, encoding="utf-8")
    (folder / "supergraph.json").write_text(json.dumps(configuration))
    process = await start(folder, f"{composer}.mjs")
    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0, errors.decode()


async def take_asked(addresses: Addresses) -> list[dict[str, Any]]:
    """Give what the gateway was asked since the last time."""
    async with httpx2.AsyncClient() as client:
        asked: list[dict[str, Any]] = (await client.get(addresses.jobs)).json()
    return asked


@asynccontextmanager
async def running(folder: Path, *command: str) -> AsyncIterator[str]:
    """Run a program that says in one line that it listens."""
    process = await start(folder, *command)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            line = await process.stdout.readline()
        if not line:
            _, errors = await process.communicate()
            raise AssertionError(errors.decode())
        yield line.decode()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def start(folder: Path, *command: str) -> asyncio.subprocess.Process:
    """Start a program of the folder, in production: no stack traces in answers."""
    env = {**os.environ, "NODE_ENV": "production", "PORT": "0"}  # noqa: TID251 -- given on to the process
    return await asyncio.create_subprocess_exec(
        "node",
        *command,
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
