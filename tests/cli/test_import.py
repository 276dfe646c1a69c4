import asyncio
import gzip
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from gateway.cli.main import app
from gateway.settings import read_settings
from gateway.store.database import open_database
from gateway.store.migrate import upgrade_database
from tests.store.tables import read_all

HEADER = "; UnixStartTime: 1132444805\n"
KILLED_ROWS = 24_000
PROGRAM = """
import typer
from gateway.cli.commands import import_command
typer.run(import_command)
"""


def to_swf(first: int, last: int) -> str:
    """Write rows of a workload log, each with its number as identifier."""
    return "".join(
        f"{number} {number} -1 60 1 -1 -1 -1 -1 -1 -1"
        f" {number % 50} 3 -1 -1 {number % 7} -1 -1\n"
        for number in range(first, last + 1)
    )


def to_modzy(identifier: str, **changes: Any) -> bytes:  # noqa: ANN401 -- JSON values
    """Write a job of Modzy as one line."""
    document = {
        "jobIdentifier": identifier,
        "status": "COMPLETED",
        "createdAt": "2026-01-15T12:00:00.000+00:00",
        "model": {"identifier": "ed542963de"},
    }
    return orjson.dumps(document | changes) + b"\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with settings that name a database in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEWAY_DATABASE_URL", f"sqlite:///{tmp_path}/jobs.db")
    return tmp_path


def run_import(*arguments: str, stdin: bytes = b"") -> Result:
    """Run `gateway import` for the account `acme`."""
    command = ["import", *arguments, "--account", "acme"]
    return CliRunner().invoke(app, command, input=stdin)


def count_jobs(path: Path) -> int:
    """Count the jobs of a database file."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as conn:
        [count] = conn.execute("SELECT count(*) FROM jobs").fetchone()
    conn.close()
    return int(count)


def test_a_new_database_is_migrated_and_filled(folder: Path) -> None:
    (folder / "log.swf").write_text(HEADER + to_swf(1, 30))
    result = run_import("swf", "log.swf")
    assert result.stdout.startswith(
        "acme: read 30: new 30, updated 0, unchanged 0, rejected 0; "
    )
    assert (result.exit_code, count_jobs(folder / "jobs.db")) == (0, 30)


def test_the_same_file_again_changes_nothing(folder: Path) -> None:
    (folder / "log.swf").write_text(HEADER + to_swf(1, 30))
    run_import("swf", "log.swf")
    assert "new 0, updated 0, unchanged 30" in run_import("swf", "log.swf").stdout


def test_several_files_are_imported_in_turn(folder: Path) -> None:
    (folder / "a.swf").write_text(HEADER + to_swf(1, 20))
    (folder / "b.swf").write_text(HEADER + to_swf(11, 30))
    result = run_import("swf", "a.swf", "b.swf")
    assert "read 40: new 30, updated 0, unchanged 10" in result.stdout


def to_log(start: int, jobs: int) -> str:
    """Write a log that has no name."""
    return f"; UnixStartTime: {start}\n" + to_swf(1, jobs)


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a"), ("both",)])
def test_jobs_of_two_logs_are_not_one(folder: Path, names: tuple[str, ...]) -> None:
    a, b = to_log(1_000_000_000, 3), to_log(1_100_000_000, 2)
    for name, text in {"a": a, "b": b, "both": a + b}.items():
        (folder / name).write_text(text)
    assert "new 5, updated 0, unchanged 0" in run_import("swf", *names).stdout
    for name in ("a", "b", "both"):
        assert "new 0, updated 0" in run_import("swf", name).stdout
    assert count_jobs(folder / "jobs.db") == 5


def test_a_log_can_be_given_a_name(folder: Path) -> None:
    (folder / "log.swf").write_text(to_log(1_000_000_000, 1))
    for name in ("one", "two"):
        assert "new 1" in run_import("swf", "log.swf", "--log", name).stdout
    with sqlite3.connect(folder / "jobs.db") as conn:
        rows = conn.execute("SELECT job_identifier FROM jobs ORDER BY job_id")
        assert rows.fetchall() == [("one/1",), ("two/1",)]
    conn.close()
    result = run_import("swf", "log.swf", "--log", "x" * 201)
    assert "right is text of 1 to 200 characters" in " ".join(result.stderr.split())


def test_a_log_without_a_start_is_given_one(folder: Path) -> None:
    (folder / "log.swf").write_text("; Computer: made up\n" + to_swf(1, 3))
    result = run_import("swf", "log.swf")
    assert "give the log's start with `--start INSTANT`" in " ".join(
        result.stderr.split()
    )
    assert result.exit_code == 1
    start = ("--start", "2001-09-09T01:46:40Z")
    assert "new 3" in run_import("swf", "log.swf", *start).stdout
    with sqlite3.connect(folder / "jobs.db") as conn:
        rows = conn.execute("SELECT started_at FROM jobs ORDER BY job_id").fetchall()
    conn.close()
    assert rows[0] == (1_000_000_001_000_000,)


@pytest.mark.parametrize("name", ["log.swf.gz", "log.swf"])
def test_gzip_is_known_by_its_bytes_not_its_name(folder: Path, name: str) -> None:
    data = (HEADER + to_swf(1, 3)).encode()
    (folder / name).write_bytes(gzip.compress(data[:99]) + gzip.compress(data[99:]))
    assert "new 3" in run_import("swf", name).stdout


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_dash_is_standard_input(folder: Path, *, is_packed: bool) -> None:
    data = (HEADER + to_swf(1, 3)).encode()
    result = run_import("swf", "-", stdin=gzip.compress(data) if is_packed else data)
    assert "new 3" in result.stdout
    assert count_jobs(folder / "jobs.db") == 3


def test_bad_records_are_put_aside_with_line_and_reason(folder: Path) -> None:
    lines = (to_modzy("a"), b"{oops\n", to_modzy("b", total="many"), to_modzy("c"))
    (folder / "jobs.ndjson").write_bytes(b"".join(lines))
    result = run_import("modzy", "jobs.ndjson")
    rejected = folder / "jobs.ndjson.rejected.ndjson"
    entries = [orjson.loads(line) for line in rejected.read_bytes().splitlines()]
    assert "new 2, updated 0, unchanged 0, rejected 2" in result.stdout
    assert [entry["line"] for entry in entries] == [2, 3]
    assert entries[0]["document"] == "{oops"
    assert "total" in entries[1]["reason"]
    assert result.exit_code == 1
    assert "jobs.ndjson.rejected.ndjson" in result.stderr


@pytest.mark.parametrize(
    "change",
    [
        {"startedAt": "2026-01-15T12:00:00Z", "elapsedTime": 2**60},
        {"cost": {"amount": 1, "currency": "dollars"}},
        {"label": "a\0b"},
        {"result": 7},
    ],
    ids=["ends after the year 9999", "a currency", "NUL", "a type"],
)
def test_a_rejected_record_keeps_its_text_whatever_is_wrong_with_it(
    folder: Path, change: dict[str, Any]
) -> None:
    text = to_modzy("a", **change).rstrip()
    (folder / "jobs.ndjson").write_bytes(text)
    assert "rejected 1" in run_import("ndjson", "jobs.ndjson").stdout
    entry = orjson.loads((folder / "jobs.ndjson.rejected.ndjson").read_bytes())
    assert entry["document"] == text.decode()


def test_a_currency_is_kept_in_capitals(folder: Path) -> None:
    text = to_modzy("a", cost={"amount": "1.5", "currency": "usd"})
    run_import("ndjson", "-", stdin=text)
    with sqlite3.connect(folder / "jobs.db") as conn:
        (row,) = conn.execute("SELECT cost_currency FROM jobs").fetchall()
    conn.close()
    assert row == ("USD",)


def test_starts_that_cannot_be_right_are_told(folder: Path) -> None:
    starts = ["1969-12-31T23:59:59Z", "2026-01-15T12:00:00Z", "9000-01-01T00:00:00Z"]
    lines = [
        orjson.dumps(
            {
                "jobIdentifier": start,
                "status": "RUNNING",
                "createdAt": "2026-01-15T12:00:00Z",
                "startedAt": start,
            }
        )
        for start in starts
    ]
    (folder / "a.ndjson").write_bytes(b"\n".join(lines))
    (folder / "b.ndjson").write_bytes(lines[0].replace(b"1969", b"1968"))
    result = run_import("ndjson", "a.ndjson", "b.ndjson")
    told = "; starts before 1970 or more than an hour ahead: 3"
    assert (told in result.stdout, result.exit_code) == (True, 0)


def test_what_standard_input_has_wrong_is_put_into_the_current_folder(
    folder: Path,
) -> None:
    result = run_import("modzy", "-", stdin=to_modzy("a") + b"{oops\n")
    assert result.exit_code == 1
    assert (folder / "stdin.rejected.ndjson").exists()


def test_rejections_of_an_earlier_run_are_removed(folder: Path) -> None:
    (folder / "jobs.ndjson").write_bytes(to_modzy("a") + b"{oops\n")
    run_import("modzy", "jobs.ndjson")
    (folder / "jobs.ndjson").write_bytes(to_modzy("a"))
    assert run_import("modzy", "jobs.ndjson").exit_code == 0
    assert not (folder / "jobs.ndjson.rejected.ndjson").exists()


def test_a_project_and_a_time_zone_can_be_given(folder: Path) -> None:
    document = {"uuid": "a", "created_at": "01-07-2026 12:00:00", "status": 1}
    options = ("--project", "7", "--time-zone", "Europe/Paris")
    run_import("sharedcloud", "-", *options, stdin=orjson.dumps(document))
    with sqlite3.connect(folder / "jobs.db") as conn:
        row = conn.execute("SELECT project_id, created_at FROM jobs").fetchone()
    conn.close()
    assert row == (7, 1_782_900_000_000_000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["swf", "none.swf"], "there is no file none.swf"),
        (["swf", "."], ". is a folder; give the files in it"),
        (["modzzy", "log.swf"], "'modzzy' is no format; did you mean modzy?"),
        (["swf", "-", "-"], "standard input can be read only once"),
        (["modzy", "log.swf"], "the file looks like a workload log (swf)"),
        (["swf", "cut.gz"], "cut.gz is cut off: its gzip data ends early"),
        (["swf", "broken.gz"], "broken.gz cannot be read: "),
        (["swf", "log.swf", "--time-zone", "Mars"], "'Mars' is no IANA time zone"),
        (["swf", "log.swf", "--start", "soon"], "--start is 'soon'; give an RFC 3339"),
        (["swf", "log.swf", "--project", "-1"], "the project must be a whole number"),
        (["swf", "log.swf", "--account", ""], "the account must be a text"),
    ],
)
def test_what_is_wrong_is_said(
    folder: Path, arguments: list[str], message: str
) -> None:
    packed = gzip.compress((HEADER + to_swf(1, 3)).encode())
    (folder / "log.swf").write_text(HEADER + to_swf(1, 3))
    (folder / "cut.gz").write_bytes(packed[:-20])
    (folder / "broken.gz").write_bytes(packed[:10] + b"\xff" * 40)
    result = CliRunner().invoke(app, ["import", "--account", "acme", *arguments])
    assert message in result.stderr.replace("\n", " ")
    assert (result.exit_code, "Traceback" in result.output) == (1, False)


@pytest.mark.parametrize(
    ("version", "hint"),
    [("0000", "run `gateway db upgrade`"), ("9999", "upgrade job-gateway")],
)
def test_a_database_of_another_version_is_refused(
    folder: Path, version: str, hint: str
) -> None:
    asyncio.run(upgrade_database(read_settings()))
    with sqlite3.connect(folder / "jobs.db") as conn:
        conn.execute("UPDATE alembic_version SET version_num = ?", (version,))
    conn.close()
    result = run_import("modzy", "-", stdin=to_modzy("a"))
    assert hint in result.stderr.replace("\n", " ")
    assert result.exit_code == 1


def test_an_import_into_postgresql_is_the_same(
    folder: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", empty_database_url)
    (folder / "log.swf").write_text(HEADER + to_swf(1, 30))
    assert "new 30" in run_import("swf", "log.swf").stdout
    assert "unchanged 30" in run_import("swf", "log.swf").stdout


def read_tables(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Read all that a database file holds."""

    async def read() -> dict[str, list[dict[str, Any]]]:
        database = open_database(read_settings(database_url=f"sqlite:///{path}"))
        tables = await read_all(database)
        await database.close()
        return tables

    return asyncio.run(read())


def kill_import(database: Path, log: Path, least_jobs: int) -> None:
    """Start an import in a process of its own, and kill it at a number of jobs."""
    command = [sys.executable, "-c", PROGRAM, "swf", str(log), "--account", "acme"]
    with subprocess.Popen(command) as process:  # noqa: S603 -- this program
        while process.poll() is None and count_jobs_so_far(database) < least_jobs:
            time.sleep(0.005)
        process.kill()


def count_jobs_so_far(path: Path) -> int:
    """Count the jobs of a database that may not be there yet."""
    try:
        return count_jobs(path)
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_killed_import_run_again_equals_a_clean_one(folder: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 -- picks when to kill
    log, path = folder / "log.swf", folder / "jobs.db"
    log.write_text(HEADER + to_swf(1, KILLED_ROWS))
    kill_import(path, log, chance.randrange(1, KILLED_ROWS // 2))
    assert 0 < count_jobs(path) < KILLED_ROWS
    run_import("swf", "log.swf")
    killed = read_tables(path)
    path.rename(folder / "killed.db")
    run_import("swf", "log.swf")
    assert read_tables(path) == killed
