"""`gateway sync`, run as an operator runs it."""

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from tests.features.gateways import Ended, start, to_end, to_ended
from tests.upstreams.making import SECRET, to_modzy
from tests.upstreams.sites import Asked, Reply, Site, serving, to_json

JOBS = [to_modzy(1), to_modzy(2, status="IN_PROGRESS")]
TOML = """
[[upstreams]]
kind = "modzy"
base_url = "{address}"
credential_env = "MODZY_KEY"
account = "acme"
interval_s = 0.1
{more}

[[upstreams]]
name = "broken"
kind = "modzy"
base_url = "{address}/broken"
credential_env = "MODZY_KEY"
account = "acme"
"""


def answer(asked: Asked) -> Reply:
    """Answer with all jobs on the first page; or with nothing to be believed."""
    if asked.path.startswith("/broken"):
        return to_json({"message": f"no {SECRET}"}, status="401 Unauthorized")
    if asked.path == "/jobs/history":
        return to_json(JOBS if asked.params["page"] == "1" else [])
    return to_json(JOBS[1])


def to_env(folder: Path, site: Site, more: str = "") -> dict[str, str]:
    """Set two upstreams, one of which refuses its credential, the other with more."""
    path = folder / "upstreams.toml"
    path.write_text(TOML.format(address=site.address, more=more), encoding="utf-8")
    return {
        "GATEWAY_DATABASE_URL": f"sqlite:///{folder / 'jobs.db'}",
        "GATEWAY_UPSTREAMS_FILE": str(path),
        "GATEWAY_LOG_LEVEL": "debug",
        "MODZY_KEY": SECRET,
    }


async def run(folder: Path, *arguments: str) -> tuple[Ended, Site]:
    """Run the command to its end."""
    async with serving(answer) as site:
        return await to_end("sync", *arguments, env=to_env(folder, site)), site


def count_jobs(folder: Path) -> int:
    """Count the jobs of the database."""
    with closing(sqlite3.connect(folder / "jobs.db")) as conn:
        [count] = conn.execute("SELECT count(*) FROM jobs").fetchone()
    return int(count)


def read_database(folder: Path) -> bytes:
    """Read all files of the database; nothing where there are none."""
    return b"".join(path.read_bytes() for path in folder.glob("jobs.db*"))


async def test_one_round_fills_a_new_database(tmp_path: Path) -> None:
    ended, _ = await run(tmp_path, "--once", "--only", "modzy")
    assert ended.stdout.startswith(
        "modzy (acme): read 4: new 2, updated 0, unchanged 2, rejected 0, gone 0; "
    )
    assert (ended.code, count_jobs(tmp_path)) == (0, 2)


async def test_one_upstream_that_fails_is_told_and_the_other_arrives(
    tmp_path: Path,
) -> None:
    ended, _ = await run(tmp_path, "--once")
    error = "error: broken (acme): GET /jobs/history: it refuses the credential (401)"
    assert error in ended.stderr
    assert "modzy (acme): read 4: new 2" in ended.stdout
    assert (ended.code, count_jobs(tmp_path)) == (1, 2)


async def test_the_credential_is_nowhere(tmp_path: Path) -> None:
    ended, site = await run(tmp_path, "--once")
    told = ended.stdout + ended.stderr
    kept = read_database(tmp_path)
    assert site.asked[0].headers["authorization"] == f"ApiKey {SECRET}"
    assert "hunter2" not in told
    assert b"hunter2" not in kept


async def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    ended, _ = await run(tmp_path, "--dry-run", "--only", "modzy")
    assert ended.stdout.startswith("dry run: modzy (acme): read 4: new 2, updated 0,")
    assert (ended.code, read_database(tmp_path)) == (0, b"")


async def test_a_dry_run_knows_what_is_there(tmp_path: Path) -> None:
    await run(tmp_path, "--once", "--only", "modzy")
    before = (tmp_path / "jobs.db").read_bytes()
    ended, _ = await run(tmp_path, "--once", "--dry-run", "--only", "modzy")
    assert "read 2: new 0, updated 0, unchanged 2" in ended.stdout
    assert (tmp_path / "jobs.db").read_bytes() == before


async def test_a_full_round_reads_what_was_read_before(tmp_path: Path) -> None:
    listed = [to_modzy(-1_000 * number) for number in range(6)]

    def list_jobs(asked: Asked) -> Reply:
        at = int(asked.params["page"]) - 1
        return to_json(listed[at : at + 1])

    async def read_round(*arguments: str) -> str:
        only = ("--once", "--only", "modzy")
        return (await to_end("sync", *only, *arguments, env=env)).stdout

    async with serving(list_jobs) as site:
        env = to_env(tmp_path, site, more="page_size = 1")
        await read_round()
        listed[-1] |= {"explain": True}
        assert "new 0, updated 0" in await read_round()
        assert "new 0, updated 1" in await read_round("--full")


async def test_a_full_round_is_one_round(tmp_path: Path) -> None:
    ended, _ = await run(tmp_path, "--full")
    assert ended.stderr == "error: --full is for one round; add --once or --dry-run\n"
    assert ended.code == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_rounds_go_on_until_a_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    later_rounds = asyncio.Event()

    def count(asked: Asked) -> Reply:
        if site.paths.count("/jobs/history") > 9:
            later_rounds.set()
        return answer(asked)

    async with serving(count) as site:
        env = to_env(tmp_path, site)
        process = await start(("sync", "--only", "modzy"), env)
        await asyncio.wait_for(later_rounds.wait(), 60)
        process.send_signal(number)
        ended = await to_ended(process)
    assert ended.code == 0
    assert ended.stdout.count("modzy (acme): read") >= 2
    assert "Traceback" not in ended.stderr


WRONG: dict[str, tuple[list[str], dict[str, str], str]] = {
    "nothing set": ([], {}, "there is nothing to sync; set GATEWAY_UPSTREAMS_FILE"),
    "no such name": (["--only", "mozdy"], {}, "there is no upstream 'mozdy'; there"),
    "no credential": ([], {"MODZY_KEY": ""}, "there is no credential in MODZY_KEY"),
}


@pytest.mark.parametrize(("arguments", "env", "message"), WRONG.values(), ids=WRONG)
async def test_what_cannot_be_done_is_said(
    tmp_path: Path, arguments: list[str], env: dict[str, str], message: str
) -> None:
    table = {
        "kind": "modzy",
        "base_url": "http://127.0.0.1:9/api",
        "credential_env": "MODZY_KEY",
        "account": "acme",
    }
    known = {
        "GATEWAY_DATABASE_URL": f"sqlite:///{tmp_path / 'jobs.db'}",
        "GATEWAY_UPSTREAMS": orjson.dumps([table] if arguments or env else []).decode(),
        "MODZY_KEY": "a",
    }
    ended = await to_end("sync", "--once", *arguments, env=known | env)
    assert (ended.code, ended.stdout) == (1, "")
    assert message in ended.stderr
