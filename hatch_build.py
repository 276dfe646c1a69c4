"""Build hook: build GraphiQL into the package, if Node is installed.

`gateway/web/explorer` is a small npm project; its build goes to `dist` in it, with
a hash of its sources, so that the next build of the package can skip it. Without Node
or a network the package has everything but GraphiQL.
"""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PROJECT = Path("gateway/web/explorer")
NOT_INPUTS = ("dist", "node_modules", "not-built.html")
STAMP = "inputs.sha256"
OLDEST_NODE = (20, 19)
# A network that swallows packets must not hold up an installation for long.
INSTALL = (
    *("ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"),
    *("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000"),
)
TIMEOUT_S = 240


class NotBuiltError(Exception):
    """GraphiQL cannot be built here; the message says why."""


class GraphiqlBuildHook(BuildHookInterface[BuilderConfig]):
    """Runs the npm build of `gateway/web/explorer`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build GraphiQL unless it is up to date; never fail for the lack of it."""
        project = Path(self.root) / PROJECT
        if is_up_to_date(project):
            return
        try:
            build(project, npm=find_npm())
        except (NotBuiltError, OSError) as exc:
            self.app.display_warning(
                f"GraphiQL was not built: {exc}. The API works without it."
            )


def is_up_to_date(project: Path) -> bool:
    """Compare the sources with what the last build was made from."""
    stamp = project / "dist" / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == to_hash(project)


def to_hash(project: Path) -> str:
    """Hash names and contents of the files that the build reads."""
    digest = hashlib.sha256()
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project)
        if path.is_file() and name.parts[0] not in NOT_INPUTS:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{name.as_posix()} {content}\n".encode())
    return digest.hexdigest()


def find_npm() -> str:
    """Find npm, with a Node new enough for the build."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotBuiltError("node and npm are not on the PATH")
    version = run(node, "--version").strip().removeprefix("v")
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_NODE:
        raise NotBuiltError(f"node is {version}, and 20.19 or newer is needed")
    return npm


def build(project: Path, *, npm: str) -> None:
    """Build in a copy, so that a failure or an interruption leaves nothing behind."""
    stamp = to_hash(project)
    with tempfile.TemporaryDirectory(prefix="job-gateway-") as folder:
        copy = Path(folder) / project.name
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns(*NOT_INPUTS))
        run(npm, *INSTALL, folder=copy)
        run(npm, "run", "build", folder=copy)
        (copy / "dist" / STAMP).write_text(stamp, encoding="ascii")
        shutil.rmtree(project / "dist", ignore_errors=True)
        shutil.move(copy / "dist", project / "dist")


def run(*command: str, folder: Path | None = None) -> str:
    """Run a command and give what it prints."""
    try:
        done = subprocess.run(  # noqa: S603 -- the commands are the ones above
            command,
            cwd=folder,
            capture_output=True,
            check=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
        )
    except subprocess.CalledProcessError as exc:
        last = (exc.stderr or exc.stdout).strip().splitlines()[-3:]
        raise NotBuiltError(f"`npm {exc.cmd[1]}` failed: {' '.join(last)}") from exc
    except subprocess.TimeoutExpired as exc:
        raise NotBuiltError(f"`npm {exc.cmd[1]}` took over {TIMEOUT_S} s") from exc
    return done.stdout
