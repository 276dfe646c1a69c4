import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from gateway.cli.main import app
from gateway.records import JobStatus
from gateway.settings import Settings, read_settings
from gateway.store.database import open_database
from gateway.store.upstreams import (
    UpstreamKey,
    UpstreamRecord,
    put_upstream,
    take_lease,
)
from gateway.store.version import NEEDED_VERSION
from tests.factories import NOON, make_job, put

COMMANDS = ("status", "upgrade", "rebuild-usage", "verify-usage")
# Of the whole account, and of the jobs without a category: an hour that is not there.
DAMAGE = (
    "DELETE FROM usage_points WHERE account = 'acme' AND span_hours = 1"
    " AND dimension IN ('', 'category')"
)


def run_db(command: str, url: str, *options: str) -> Result:
    """Run `gateway db` on a database."""
    arguments = ["db", command, *options]
    return CliRunner().invoke(app, arguments, env={"GATEWAY_DATABASE_URL": url})


def fill(url: str, *statements: str) -> None:
    """Give two accounts a job each that ran for an hour, and run statements."""

    async def run() -> None:
        database = open_database(read_settings(database_url=url))
        job = make_job(
            status=JobStatus.COMPLETED, started_at=NOON, elapsed_ms=3_600_000
        )
        await put(database, "acme", job)
        await put(database, "globex", job)
        async with database.transaction() as conn:
            for statement in statements:
                await conn.execute(text(statement))
        await database.close()

    asyncio.run(run())


def test_upgrade_migrates_a_new_database(empty_database_url: str) -> None:
    result = run_db("upgrade", empty_database_url)
    assert result.stdout == (
        f"the database was new and is now at revision {NEEDED_VERSION}\n"
    )
    assert result.exit_code == 0


def test_upgrade_leaves_a_current_database(database_url: str) -> None:
    result = run_db("upgrade", database_url)
    assert result.stdout == f"the database is at revision {NEEDED_VERSION} already\n"


def test_upgrade_names_a_missing_folder(tmp_path: Path) -> None:
    result = run_db("upgrade", f"sqlite:///{tmp_path}/none/jobs.db")
    assert "does not exist; create it" in result.stderr.replace("\n", " ")
    assert result.exit_code == 1


def test_status_counts_what_each_account_has(settings: Settings) -> None:
    async def fill() -> None:
        database = open_database(settings)
        await put(database, "acme", make_job(), make_job(project_id=7))
        await database.close()

    asyncio.run(fill())
    result = run_db("status", settings.database_url.get_secret_value())
    [row] = [line for line in result.stdout.splitlines() if "acme" in line]
    assert f"database revision: {NEEDED_VERSION}" in result.stdout
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == [
        "acme",
        "2",
        "0",
        "0",
        "1",
    ]


def test_status_of_a_new_database_says_what_to_do(empty_database_url: str) -> None:
    result = run_db("status", empty_database_url)
    assert "database revision: none" in result.stdout
    assert "run `gateway db upgrade`" in result.stderr.replace("\n", " ")
    assert result.exit_code == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_newer_database_is_refused(sqlite_url: str, command: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    conn.close()
    result = run_db(command, sqlite_url)
    assert "upgrade job-gateway" in result.stderr.replace("\n", " ")
    assert result.exit_code == 1


def test_usage_that_agrees_with_the_jobs_is_said_to(database_url: str) -> None:
    fill(database_url)
    result = run_db("verify-usage", database_url)
    assert result.stdout == (
        "acme: the usage figures agree with the jobs\n"
        "globex: the usage figures agree with the jobs\n"
    )
    assert result.exit_code == 0


def test_what_differs_from_the_jobs_is_shown(database_url: str) -> None:
    fill(database_url, DAMAGE)
    result = run_db("verify-usage", database_url, "--limit", "2")
    right = "starts=1 starts_ms=0 ends=1 ends_ms=3600000"
    assert result.stdout.splitlines() == [
        f"acme: 2026-01-15T12:00Z + 1 h: kept nothing; right {right}",
        f"acme: 2026-01-15T12:00Z + 1 h, category none: kept nothing; right {right}",
        (
            "acme: at least 2 usage figures differ from the jobs;"
            " run `gateway db rebuild-usage`"
        ),
        "globex: the usage figures agree with the jobs",
    ]
    assert result.exit_code == 1


def test_usage_is_made_anew(database_url: str) -> None:
    fill(database_url, DAMAGE)
    result = run_db("rebuild-usage", database_url)
    assert result.stdout == (
        "acme: 56 usage figures made anew from 1 jobs\n"
        "globex: 56 usage figures made anew from 1 jobs\n"
    )
    assert run_db("verify-usage", database_url).exit_code == 0


def test_one_account_can_be_meant(sqlite_url: str) -> None:
    fill(sqlite_url, DAMAGE)
    assert run_db("verify-usage", sqlite_url, "--account", "globex").exit_code == 0
    assert (
        "acme" not in run_db("rebuild-usage", sqlite_url, "--account", "globex").stdout
    )
    assert run_db("verify-usage", sqlite_url, "--account", "acme").exit_code == 1


def know_upstream(url: str, lease_s: float = 0) -> None:
    """Have the database know an upstream, read for so long by some process."""

    async def run() -> None:
        database = open_database(read_settings(database_url=url))
        key = UpstreamKey(account="acme", name="old")
        record = UpstreamRecord(
            account="acme", name="old", kind="modzy", source="MODZY"
        )
        now = datetime.now(UTC)
        async with database.transaction() as conn:
            await put_upstream(conn, record)
            until = now + timedelta(seconds=lease_s)
            await take_lease(conn, key, owner="a process", now=now, until=until)
        await database.close()

    asyncio.run(run())


def test_an_upstream_is_forgotten_and_its_jobs_stay(database_url: str) -> None:
    fill(database_url)
    know_upstream(database_url)
    again = ("forget-upstream", database_url, "old", "--account", "acme")
    result = run_db(*again)
    assert result.stdout == "acme: old is forgotten; its jobs stay\n"
    assert '"event":"upstream_forgotten","account":"acme"' in result.stderr
    assert "there is no upstream 'old'; there are none" in run_db(*again).stderr
    assert "acme" in run_db("status", database_url).stdout


def test_an_upstream_that_is_read_is_not_forgotten(database_url: str) -> None:
    know_upstream(database_url, lease_s=60)
    result = run_db("forget-upstream", database_url, "old", "--account", "acme")
    assert "a process reads 'old'; take it out" in result.stderr.replace("\n", " ")
    assert result.exit_code == 1


def test_an_upstream_that_is_not_there_is_named(sqlite_url: str) -> None:
    know_upstream(sqlite_url)
    result = run_db("forget-upstream", sqlite_url, "odl", "--account", "acme")
    assert "there is no upstream 'odl'; there are old" in result.stderr
    assert result.exit_code == 1


@pytest.mark.parametrize("command", ["rebuild-usage", "verify-usage"])
def test_an_account_that_is_not_there_is_named(sqlite_url: str, command: str) -> None:
    result = run_db(command, sqlite_url, "--account", "none")
    assert "there is no account 'none'; see `gateway db status`" in (
        result.stderr.replace("\n", " ")
    )
    assert result.exit_code == 1
