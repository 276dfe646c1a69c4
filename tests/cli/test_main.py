import pytest
from typer.testing import CliRunner

from gateway.cli.main import app

COMMANDS = "serve demo import usage db keys token schema settings"


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("job-gateway 0.")


@pytest.mark.parametrize("command", COMMANDS.split())
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"gateway {command}" in result.stdout or "Usage" in result.stdout


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GATEWAY_LOG_LEVEL", "loud"),
        ("GATEWAY_MAX_PAGE_SIZE", "-1"),
        ("GATEWAY_DATABASE_URL", "mysql://root:hunter2@db/jobs"),
        ("GATEWAY_DATABASE_URL", "hunter2"),
        ("GATEWAY_SHAREDCLOUD_TIME_ZONE", "Mars/Olympus"),
    ],
)
def test_a_wrong_setting_is_a_sentence_that_names_it(variable: str, value: str) -> None:
    result = CliRunner().invoke(app, ["settings"], env={variable: value})
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"error: {variable}")
    assert "hunter2" not in result.stderr


def test_settings_are_shown_without_secrets() -> None:
    environment = {
        "GATEWAY_DATABASE_URL": "postgresql://me:hunter2@db/jobs?password=hunter2",
        "GATEWAY_JWT_SECRET": "hunter2" * 8,
        "GATEWAY_JWT_ALGORITHMS": "RS256, ES256",
    }
    result = CliRunner().invoke(app, ["settings"], env=environment)
    lines = result.stdout.splitlines()
    assert lines[0] == "GATEWAY_DATABASE_URL=postgresql://me:***@db/jobs"
    assert "GATEWAY_JWT_SECRET=***" in lines
    assert "GATEWAY_JWT_ALGORITHMS=RS256,ES256" in lines
    assert "# GATEWAY_JWT_ISSUER=" in lines
    assert "GATEWAY_REQUEST_TIMEOUT_S=10" in lines
    assert "GATEWAY_PUBLIC_INTROSPECTION=false" in lines
    assert "hunter2" not in result.stdout
