"""Markdown pages to their commands, queries and programs, with what they answer."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HERE_DOCUMENT = re.compile(r"<<'(\w+)'$")
# The first line of a program: a comment with the name of its file.
NAME = re.compile(r"(?://|#|<!--) ([\w./-]+\.\w+)(?: -->)?\n")
# Drawings and settings, which are not run.
PROSE = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A line of a shell; `output` is None where the page shows none."""

    place: str
    text: str
    output: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query; `answer` is None where the page shows none."""

    place: str
    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    answer: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A program, to be saved under its name."""

    place: str
    name: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A block that cannot be run."""

    place: str
    reason: str


Step = Command | File | Question | Unknown


def read_steps(name: str) -> list[Step]:
    """Read a page, named from the repository's root."""
    text = (ROOT / name).read_text(encoding="utf-8")
    steps: list[Step] = []
    query: str | None = None
    variables: dict[str, Any] = {}
    for match in FENCE.finditer(text):
        language, content = match[1], match[2]
        place = f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        if language == "graphql":
            query, variables = content, {}
            steps.append(Question(place=place, query=query))
        elif language == "json" and query is not None:
            value = json.loads(content)
            if not value.keys() & {"data", "errors"}:
                variables = value
                continue
            drop_unanswered(steps, query)
            steps.append(
                Question(place=place, query=query, variables=variables, answer=value)
            )
        else:
            steps += to_other_steps(place, language, content)
    return steps


def read_six_jobs() -> Step:
    """Read the step that writes the file of jobs that several pages ask for."""
    [found] = (
        step
        for step in read_steps("docs/graphql.md")
        if isinstance(step, Command) and step.text.startswith("cat > jobs.ndjson")
    )
    return found


def drop_unanswered(steps: list[Step], query: str) -> None:
    """Drop a query that the page shows an answer for: the answer's step replaces it."""
    match steps[-1]:
        case Question(query=asked, answer=None) if asked == query:
            steps.pop()
        case _:
            pass


def to_other_steps(place: str, language: str, content: str) -> Iterator[Step]:
    """Read a block that is neither a query nor one's variables or answer."""
    page, _, line = place.rpartition(":")
    if language == "sh":
        yield from to_commands(place, content)
    elif language == "console":
        yield from to_session(page, int(line), content)
    elif found := NAME.match(content):
        yield File(place=place, name=found[1], content=content)
    elif language != PROSE:
        yield Unknown(place=place, reason=f"{language!r} cannot be run")


def to_commands(place: str, content: str) -> Iterator[Command]:
    """Split a script into commands; one with a here document has many lines."""
    page, _, line = place.rpartition(":")
    numbers = count(int(line) + 1)
    lines = iter(content.splitlines())
    for text in lines:
        start = next(numbers)
        if found := HERE_DOCUMENT.search(text):
            document: list[str] = []
            while not document or document[-1] != found[1]:
                document.append(next(lines))
                next(numbers)
            yield Command(place=f"{page}:{start}", text="\n".join([text, *document]))
        else:
            yield Command(place=f"{page}:{start}", text=text)


def to_session(page: str, line: int, content: str) -> Iterator[Step]:
    """Split a terminal session into commands and their outputs."""
    before, *parts = re.split(r"^\$ ", content, flags=re.MULTILINE)
    if before:
        yield Unknown(place=f"{page}:{line}", reason="a session begins with `$ `")
    line += 1
    for part in parts:
        text, _, output = part.partition("\n")
        yield Command(place=f"{page}:{line}", text=text, output=output.strip() or None)
        line += part.count("\n")
