"""Commands are declared apart from their work, and the two fit together."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, get_type_hints

import pytest
import typer

from gateway.cli.commands import FORMATS
from gateway.cli.main import ORDER, app
from gateway.dialects.registry import DIALECTS

PROGRAM = """
import json, sys
from typer.testing import CliRunner
from gateway.cli.main import app
for words in json.loads(sys.argv[1]):
    result = CliRunner().invoke(app, [*words, "--help"])
    assert "Usage: " in result.stdout, result.output
    heavy = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
    assert not heavy, (words, heavy)
"""
HEAVY = (
    *("alembic", "asyncio", "graphql", "httpx2", "jwt", "orjson", "pydantic"),
    *("sqlalchemy", "starlette", "strawberry", "uvicorn", "gateway.settings"),
)


def to_commands(
    group: typer.Typer, *above: str
) -> Iterator[tuple[tuple[str, ...], Callable[..., Any]]]:
    """Give the words and the declaration of each command of a group."""
    for each in group.registered_commands:
        assert each.callback is not None
        yield (*above, each.name or each.callback.__name__), each.callback
    for info in group.registered_groups:
        assert info.typer_instance is not None
        yield from to_commands(info.typer_instance, str(info.typer_instance.info.name))


COMMANDS = dict(to_commands(app))
GROUPS = {words[:-1] for words in COMMANDS}


def test_help_imports_nothing_that_the_work_alone_needs() -> None:
    asked = [*GROUPS, *COMMANDS]
    arguments = [json.dumps(asked), json.dumps(HEAVY)]
    subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-c", PROGRAM, *arguments], check=True
    )


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_does_the_work_takes_what_the_command_declares(
    words: tuple[str, ...],
) -> None:
    declared = COMMANDS[words]
    place = inspect.getclosurevars(declared).nonlocals
    work = getattr(import_module(place["module"]), place["name"])
    assert get_type_hints(work) == get_type_hints(inspect.unwrap(declared))
    assert list(inspect.signature(work).parameters) == list(
        inspect.signature(declared).parameters
    )


def test_all_commands_are_listed() -> None:
    assert set(ORDER) == {words[0] for words in COMMANDS}


def test_the_help_of_import_names_all_formats() -> None:
    assert FORMATS.split(", ") == list(DIALECTS)
