"""Packages of npm and of Python that tests run, installed once and kept."""

import asyncio
import fcntl
import hashlib
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

# Outside the repository, and kept for the next run.
CACHE = Path.home() / ".cache" / "job-gateway-tests"
NPM = (
    "npm",
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
)
PATIENCE_S = 300


async def install_npm(name: str, project: Path, folder: Path) -> Path:
    """Lay out a project of npm, or skip the test.

    Args:
        name: Of the place where the packages are kept.
        project: Has a `package.json`, and files beside it.
        folder: Where the files go, with a link to the packages; the test's own, so that
            what runs there is what the project has.
    """
    manifest = project / "package.json"

    async def install(made: Path) -> None:
        shutil.copy(manifest, made)
        await run(*NPM, cwd=made)

    kept = await keep(name, manifest, install)
    shutil.copytree(project, folder, dirs_exist_ok=True)
    (folder / "node_modules").symlink_to(kept / "node_modules")
    return folder


async def install_python(
    name: str, requirements: Path, *options: str, python: str = sys.executable
) -> Path:
    """Give the folder of a virtual environment, or skip the test.

    Args:
        name: Of the place where it is kept.
        requirements: A file of pinned packages, as pip reads it.
        options: Of the installer besides.
        python: An interpreter, or a version of one that uv finds.
    """

    async def install(made: Path) -> None:
        await run("uv", "venv", "--relocatable", "--python", python, "env", cwd=made)
        own = str(made / "env" / "bin" / "python")
        named = ("--python", own, "-r", str(requirements), *options)
        await run("uv", "pip", "install", *named, cwd=made)

    return await keep(name, requirements, install) / "env"


async def keep(
    name: str, manifest: Path, install: Callable[[Path], Awaitable[None]]
) -> Path:
    """Give the folder of what a manifest names, installing it where there is none.

    It is installed beside the folder first: what is there is always whole.
    """
    folder = CACHE / f"{name}-{to_digest(manifest)}"
    async with locked(folder.with_suffix(".lock")):
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
                made = Path(temporary) / "made"
                made.mkdir()
                await install(made)
                made.rename(folder)
    return folder


def to_digest(manifest: Path) -> str:
    """Tell a manifest from its other versions."""
    return hashlib.sha256(manifest.read_bytes()).hexdigest()[:16]


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Let one process at a time into the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield


async def run(command: str, *arguments: str, cwd: Path) -> None:
    """Run an installer to its end, or skip the test."""
    if shutil.which(command) is None:
        pytest.skip(f"no {command} on the PATH")
    process = await asyncio.create_subprocess_exec(
        command,
        *arguments,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        pytest.skip(f"{command} cannot install: {output.decode()[-200:]}")
