from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.schema.contract import to_sdl
from gateway.schema.subgraph import to_subgraph_sdl


def test_the_schema_is_printed() -> None:
    result = CliRunner().invoke(app, ["schema"])
    assert result.exit_code == 0
    assert result.stdout.rstrip("\n") == to_sdl().rstrip("\n")


def test_the_subgraph_is_printed_and_compared(tmp_path: Path) -> None:
    path = tmp_path / "jobs.graphql"
    result = CliRunner().invoke(app, ["schema", "--federation"])
    path.write_text(result.stdout, encoding="utf-8")
    assert result.stdout.rstrip("\n") == to_subgraph_sdl().rstrip("\n")
    check = ["schema", "--check", str(path)]
    assert CliRunner().invoke(app, [*check, "--federation"]).exit_code == 0
    assert CliRunner().invoke(app, check).exit_code == 1


# What a repository keeps does not depend on where it is compared.
def test_the_plain_schema_is_printed_whatever_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GATEWAY_FEDERATION", "true")
    result = CliRunner().invoke(app, ["schema"])
    assert result.stdout.rstrip("\n") == to_sdl().rstrip("\n")


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_file_that_says_the_same_passes(end: str, tmp_path: Path) -> None:
    path = tmp_path / "schema.graphql"
    path.write_text(to_sdl().rstrip("\n") + end, encoding="utf-8")
    result = CliRunner().invoke(app, ["schema", "--check", str(path)])
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"type Query { old: Int }", "run `gateway schema > "),
        (b"\xff", "cannot read "),
        (None, "cannot read "),
    ],
    ids=["stale", "not text", "missing"],
)
def test_another_file_ends_with_a_sentence(
    content: bytes | None, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "schema.graphql"
    if content is not None:
        path.write_bytes(content)
    result = CliRunner().invoke(app, ["schema", "--check", str(path)])
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert reason in result.stderr
