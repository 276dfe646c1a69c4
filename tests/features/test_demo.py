import shlex
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.features.gateways import Gateway, running_demo, to_end

FEW = ("--jobs", "300")
SWF = """\
; UnixStartTime: 1000000000
1 0 10 100 4 -1 -1 4 3600 -1 1 1 1 1 1 -1 -1 -1
2 5 10 100 4 -1 -1 4 3600 -1 1 1 1 1 1 -1 -1 -1
"""


def to_commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.lstrip().startswith("curl ")]


async def run(command: str) -> httpx2.Response:
    """Send what a printed command sends."""
    curl, silent, url, *rest = shlex.split(command)
    options = list(zip(rest[::2], rest[1::2], strict=True))
    headers = [each.split(": ", 1) for option, each in options if option == "-H"]
    [body] = [each for option, each in options if option == "-d"]
    assert (curl, silent) == ("curl", "-s")
    async with httpx2.AsyncClient(timeout=60) as client:
        return await client.post(url, headers=dict(headers), content=body)


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def count_jobs(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "gateway.db")) as conn:
        rows = conn.execute("SELECT account, count(*) FROM jobs GROUP BY account")
        return dict(rows.fetchall())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_demo_leaves_nothing_behind(
    number: signal.Signals, tmp_path: Path
) -> None:
    async with running_demo(*FEW, env={"TMPDIR": str(tmp_path)}) as gateway:
        assert names_in(tmp_path) != []
        ended = await gateway.stop(number)
    assert ended.code == 0
    assert "Traceback" not in ended.stderr
    assert names_in(tmp_path) == []


async def test_the_printed_commands_answer_with_rows(tmp_path: Path) -> None:
    async with running_demo(*FEW, env={"TMPDIR": str(tmp_path)}) as gateway:
        commands = to_commands(gateway.text)
        answers = [await run(command) for command in commands]
    assert len(commands) == 3
    assert "\x1b" not in gateway.text
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert all("errors" not in each.json() for each in answers)
    assert all("[]" not in each.text for each in answers)


async def test_a_folder_is_kept_and_used_again(tmp_path: Path) -> None:
    folder = ("--folder", str(tmp_path / "deep" / "demo"))
    counts = []
    for jobs in ("300", "400"):
        async with running_demo(*folder, "--jobs", jobs, env={}) as gateway:
            await gateway.stop()
        counts.append(count_jobs(tmp_path / "deep" / "demo"))
    assert counts[0] == counts[1]
    assert sum(counts[0].values()) == 300
    assert counts[0].keys() == {"acme", "globex"}


async def test_a_file_is_imported_for_an_account_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "jobs.swf"
    path.write_text(SWF)
    arguments = ("--folder", str(tmp_path), "--import", "swf", str(path))
    async with running_demo(*FEW, *arguments, env={}) as gateway:
        assert "Account imported" in gateway.text
    assert count_jobs(tmp_path)["imported"] == 2


async def test_introspection_needs_no_credential_and_jobs_do(tmp_path: Path) -> None:
    async with running_demo(*FEW, env={"TMPDIR": str(tmp_path)}) as gateway:
        schema = await post(gateway, "{ __schema { queryType { name } } }")
        jobs = await post(gateway, "{ jobs { totalCount } }")
    assert schema.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    assert jobs.status_code == 401


async def post(gateway: Gateway, query: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=gateway.address, timeout=60) as client:
        return await client.post("/graphql", json={"query": query})


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--import", "xml", "jobs.xml"), "xml"),
        (("--import", "swf", "none.swf"), "none.swf"),
        (("--folder", "/dev/null/demo"), "/dev/null/demo"),
        (("--host", "192.0.2.1"), "192.0.2.1"),
    ],
)
async def test_what_cannot_be_shown_ends_the_demo_with_a_sentence(
    arguments: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    env = {"TMPDIR": str(tmp_path)}
    ended = await to_end("demo", "--port", "0", *FEW, *arguments, env=env)
    assert ended.code == 1
    assert ended.stderr.startswith("error: ")
    assert reason in ended.stderr
    assert names_in(tmp_path) == []
