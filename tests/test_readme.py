"""The commands and queries of the pages do what the pages show."""

import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator

import pytest

from tests.databases import PostgresqlServer
from tests.pages import (
    ROOT,
    Command,
    Question,
    Step,
    Unknown,
    read_six_jobs,
    read_steps,
)
from tests.readers import Reader, is_run_elsewhere, mask, to_program

PAGES = (
    "README.md",
    "docs/graphql.md",
    "docs/commands.md",
    "docs/running.md",
    "docs/development.md",
    "docs/access.md",
    "docs/push.md",
    "docs/rest.md",
)
# Pages whose examples need the file of six jobs that another page shows.
NEED_SIX_JOBS = ("docs/commands.md",)
STEPS: list[Step] = [step for page in PAGES for step in read_steps(page)]
COMMANDS = [step for step in STEPS if isinstance(step, Command)]
# A test can neither install the package it tests nor run the suite it is part of.
ELSEWHERE = [step for step in COMMANDS if is_run_elsewhere(step.text)]
HERE = [step for step in COMMANDS if not is_run_elsewhere(step.text)]
QUESTIONS = [step for step in STEPS if isinstance(step, Question)]
BUILT_IN = ("gateway", "export")
PROGRAMS = (*BUILT_IN, "curl", "openssl", "gzip", "cat")
# The PostgreSQL of the page, which the one of the tests replaces.
POSTGRESQL_URL = "postgresql://gateway:PASSWORD@localhost/gateway"
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def to_place(step: Step) -> str:
    return step.place


def to_steps(page: str) -> list[Step]:
    """Give the steps of a page, after those of another page that it needs."""
    own = [step for step in STEPS if step.place.startswith(f"{page}:")]
    return [read_six_jobs(), *own] if page in NEED_SIX_JOBS else own


@pytest.fixture(scope="module")
def readers(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: PostgresqlServer
) -> Iterator[dict[str, Reader]]:
    """A reader for each page, at its first step."""
    with postgresql_server.database() as url:
        found = {
            page: Reader(
                steps=to_steps(page),
                folder=tmp_path_factory.mktemp("reader"),
                replaced={POSTGRESQL_URL: url},
            )
            for page in PAGES
        }
        yield found
        for reader in found.values():
            reader.stop()


def to_reader(readers: dict[str, Reader], step: Step) -> Reader:
    return readers[step.place.partition(":")[0]]


def test_nothing_is_shown_that_the_tests_cannot_run() -> None:
    blocks = [step for step in STEPS if isinstance(step, Unknown)]
    commands = [step for step in HERE if to_program(step.text) not in PROGRAMS]
    assert (blocks, commands) == ([], [])


@pytest.mark.parametrize("step", HERE, ids=to_place)
def test_a_command_does_what_the_page_shows(
    step: Command, readers: dict[str, Reader]
) -> None:
    program = to_program(step.text)
    if program in PROGRAMS[len(BUILT_IN) :] and shutil.which(program) is None:
        pytest.skip(f"no {program} on the PATH")
    reader = to_reader(readers, step)
    outcome = reader.reach(step)
    assert outcome.code == 0, outcome.output
    if step.output is not None:
        assert mask(outcome.output) == mask(reader.replace(step.output))


@pytest.mark.parametrize("step", QUESTIONS, ids=to_place)
def test_a_query_gets_the_answer_the_page_shows(
    step: Question, readers: dict[str, Reader]
) -> None:
    reader = to_reader(readers, step)
    answer = reader.reach(step).answer
    if step.answer is None:
        assert "errors" not in answer
    else:
        assert answer == reader.to_real(step.answer)


@pytest.mark.parametrize("step", ELSEWHERE, ids=to_place)
def test_a_command_that_cannot_run_here_is_run_by_ci(step: Command) -> None:
    words = set(shlex.split(step.text))
    lines = [set(line.split()) for line in CI.splitlines()]
    runs_there = step.text in CI or any(words <= line for line in lines)
    assert runs_there or step.text in {".ci/run", to_extra_command("postgres")}


def to_extra_command(extra: str) -> str:
    """Return the command that installs an extra, which CI does by pinned versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert extra in project["project"]["optional-dependencies"]
    return f"pip install '.[{extra}]'"


def test_the_two_commands_stand_as_newcomers_and_ci_look_for_them() -> None:
    texts = [step.text for step in COMMANDS]
    assert "pip install uv && uv run --no-dev gateway demo" in texts
    assert "pip install uv && uv run pytest" in texts


def test_the_most_important_settings_are_as_all_settings_are() -> None:
    rows = [
        [
            line
            for line in (ROOT / page).read_text(encoding="utf-8").splitlines()
            if line.startswith("| `GATEWAY_")
        ]
        for page in ("docs/running.md", "docs/settings.md")
    ]
    assert set(rows[0]) <= set(rows[1])
    assert len(rows[0]) > 5


@pytest.mark.parametrize("page", PAGES)
def test_a_line_holds_one_sentence(page: str) -> None:
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    prose = [line for line in lines if line and line[0].isalpha()]
    assert [line for line in prose if re.search(r"[.] [A-Z]", line)] == []


def test_the_screenshot_is_small_enough_to_load_at_once() -> None:
    assert (ROOT / "docs" / "graphiql.png").stat().st_size < 300_000
