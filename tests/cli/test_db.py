import asyncio
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.main import app
from gateway.settings import Settings
from gateway.store.database import open_database
from gateway.store.version import NEEDED_VERSION
from tests.factories import make_job, put


def run_db(command: str, url: str) -> Result:
    """Run `gateway db` on a database."""
    return CliRunner().invoke(app, ["db", command], env={"GATEWAY_DATABASE_URL": url})


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


@pytest.mark.parametrize("command", ["status", "upgrade"])
def test_a_newer_database_is_refused(sqlite_url: str, command: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    conn.close()
    result = run_db(command, sqlite_url)
    assert "upgrade job-gateway" in result.stderr.replace("\n", " ")
    assert result.exit_code == 1
