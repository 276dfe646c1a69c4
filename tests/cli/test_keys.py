import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.auth.keys import is_api_key
from gateway.cli.credential_commands import keys_app
from gateway.errors import GatewayError
from gateway.settings import read_settings
from gateway.store.database import open_database
from gateway.store.keys import put_last_uses

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str) -> Run:
    """Run `gateway keys` on the test's database."""
    return to_run(database_url)


@pytest.fixture
def run_on_new(empty_database_url: str) -> Run:
    """Run `gateway keys` on a database without tables."""
    return to_run(empty_database_url)


def to_run(database_url: str) -> Run:
    environment = {"GATEWAY_DATABASE_URL": database_url, "COLUMNS": "200"}
    return lambda *words, **options: CliRunner(env=environment).invoke(
        keys_app, words, **options
    )


def test_a_new_key_alone_is_on_standard_output(run: Run) -> None:
    result = run("create", "--account", "acme", "--prefix", "ei_")
    assert result.exit_code == 0
    assert is_api_key(result.stdout.strip())
    assert result.stdout.startswith("ei_")
    assert "keep it now" in result.stderr


def test_a_new_key_as_json_tells_all_about_it(run: Run) -> None:
    options = ["--project", "7", "--scope", "admin", "--scope", "jobs:read"]
    result = run("create", "--account", "acme", *options, "--json")
    created = json.loads(result.stdout)
    assert created["key"].startswith(f"{created['prefix']}.")
    assert (created["account"], created["projectId"]) == ("acme", 7)
    assert created["scopes"] == ["admin", "jobs:read"]
    assert (created["expiresAt"], created["revokedAt"]) == (None, None)


def test_a_key_made_without_scopes_gets_the_default_ones(run: Run) -> None:
    created = json.loads(run("create", "--account", "acme", "--json").stdout)
    assert created["scopes"] == ["jobs:read", "usage:read"]


def test_an_expiry_is_stored_as_an_instant(run: Run) -> None:
    options = ["--expires", "2999-01-31T00:00:00+01:00", "--json"]
    created = json.loads(run("create", "--account", "acme", *options).stdout)
    assert created["expiresAt"] == "2999-01-30T23:00:00Z"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--account", ""], "the account must be a text of 1 to 255 characters"),
        (["--account", "a", "--project", "-1"], "the project must be a whole number"),
        (["--account", "a", "--scope", "x"], "the scopes are jobs:read, usage:read"),
        (["--account", "a", "--expires", "x"], "'x' is no expiry; give a duration"),
        (["--account", "a", "--expires", ""], "'' is no expiry; give a duration"),
        (["--account", "a", "--prefix", "a.b"], "the prefix must be at most 32"),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    run: Run, options: list[str], message: str
) -> None:
    result = run("create", *options)
    assert isinstance(result.exception, GatewayError)
    assert message in result.exception.message
    assert json.loads(run("list", "--json").stdout) == []


def test_listed_keys_tell_no_secret(run: Run) -> None:
    text = run("create", "--account", "acme").stdout.strip()
    prefix, _, secret = text.partition(".")
    for output in (run("list").stdout, run("list", "--json").stdout):
        assert prefix in output
        assert secret not in output


def test_the_keys_of_one_account_are_listed(run: Run) -> None:
    run("create", "--account", "acme")
    run("create", "--account", "others")
    listed = json.loads(run("list", "--account", "others", "--json").stdout)
    assert [key["account"] for key in listed] == ["others"]


def test_the_list_says_whether_a_key_holds(run: Run) -> None:
    created = run("create", "--account", "a", "--expires", "2999-01-31T00:00:00Z")
    assert "valid until 2999-01-31" in run("list").stdout
    result = run("revoke", created.stdout.partition(".")[0])
    assert "of account a is revoked" in result.stdout
    assert "revoked 2" in run("list").stdout


def test_revoking_an_unknown_key_points_to_the_list(run: Run) -> None:
    result = run("revoke", "ei_abc")
    assert isinstance(result.exception, GatewayError)
    assert "`gateway keys list` shows those there are" in result.exception.message


def test_the_first_key_migrates_a_new_database(run_on_new: Run) -> None:
    assert run_on_new("create", "--account", "acme").exit_code == 0
    assert len(json.loads(run_on_new("list", "--json").stdout)) == 1


@pytest.mark.parametrize(
    "words", [["list"], ["revoke", "ei_abc"]], ids=["list", "revoke"]
)
def test_a_database_without_tables_has_no_keys_to_show(
    run_on_new: Run, words: list[str]
) -> None:
    result = run_on_new(*words)
    assert isinstance(result.exception, GatewayError)
    assert "run `gateway db upgrade`" in result.exception.message


def test_an_account_is_listed_as_it_is_called(run: Run) -> None:
    run("create", "--account", "[bold]acme[/x]")
    assert "[bold]acme[/x]" in run("list").stdout


def test_keys_that_clients_hold_are_taken_over_from_a_file(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "keys.txt"
    path.write_text("a-key-of-any-text\n\nmodzyprefix.body-of-sixteen-or-more\n")
    result = run("import", str(path), "--account", "acme", "--scope", "admin")
    named, prefix = result.stdout.splitlines()
    assert named.startswith("imported_")
    assert prefix == "modzyprefix"
    assert result.stderr.endswith("acme: keys new 2, known 0\n")
    listed = json.loads(run("list", "--json").stdout)
    assert {(key["prefix"], *key["scopes"]) for key in listed} == {
        (named, "admin"),
        (prefix, "admin"),
    }


def test_keys_are_taken_over_from_standard_input_once(run_on_new: Run) -> None:
    words = ("import", "-", "--account", "acme", "--project", "7", "--json")
    (key,) = json.loads(run_on_new(*words, input="some-key").stdout)
    assert (key["projectId"], key["lastUsedAt"]) == (7, None)
    assert json.loads(run_on_new(*words, input="some-key").stdout) == []


def test_a_key_that_is_taken_stops_the_import(run: Run) -> None:
    run("import", "-", "--account", "acme", input="some-key")
    result = run("import", "-", "--account", "globex", input="new\nsome-key")
    assert isinstance(result.exception, GatewayError)
    assert result.exception.message == "key 2 belongs to another account"
    assert len(json.loads(run("list", "--json").stdout)) == 1


def test_the_list_says_when_a_key_was_last_used(run: Run, database_url: str) -> None:
    prefix = run("create", "--account", "acme").stdout.partition(".")[0]
    assert "never" in run("list").stdout
    asyncio.run(use(database_url, prefix))
    assert "2026-03-02" in run("list").stdout
    (key,) = json.loads(run("list", "--json").stdout)
    assert key["lastUsedAt"] == "2026-03-02T09:00:00Z"


async def use(database_url: str, prefix: str) -> None:
    database = open_database(read_settings(database_url=database_url))
    async with database.transaction() as conn:
        await put_last_uses(conn, {prefix: datetime(2026, 3, 2, 9, tzinfo=UTC)})
    await database.close()
