"""The page about changes names every usual change, and files that exist."""

import re

import pytest

from tests.pages import ROOT

PAGE = (ROOT / "docs" / "changing.md").read_text(encoding="utf-8")
# A name in backticks is that of a file if it has a folder or an ending of one.
FILE = re.compile(r"`([\w./-]*/[\w.-]+|[\w-]+\.(?:md|toml|graphql))`")
HEADINGS = [
    "A field of a job",
    "A filter",
    "An order",
    "A source system",
    "A usage dimension",
    "A scope",
    "A setting",
    "A root field",
    "A limit",
    "An index",
]
# What lies behind a slash there, and is no file: a route.
ROUTES = {"/ingest"}


def read_sections() -> dict[str, str]:
    """Read the text below each heading of the page."""
    _, *parts = re.split(r"^## (.*)\n", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def find_files(text: str) -> list[str]:
    return [name for name in FILE.findall(text) if name not in ROUTES]


def test_every_usual_change_is_on_the_page() -> None:
    assert list(read_sections()) == HEADINGS


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_change_names_files_of_the_code_and_of_the_tests(heading: str) -> None:
    steps, _, tests = read_sections()[heading].partition("\nTests:\n")
    assert len({name for name in find_files(steps) if name.startswith("gateway/")}) > 1
    assert all(name.startswith("tests/") for name in find_files(tests))
    assert find_files(tests)


def test_every_file_exists() -> None:
    names = find_files(PAGE)
    assert [name for name in names if not (ROOT / name).is_file()] == []
    assert len(names) > 50


@pytest.mark.parametrize("heading", HEADINGS)
def test_every_constant_and_function_is_in_a_file_of_its_section(heading: str) -> None:
    text = read_sections()[heading]
    sources = [(ROOT / name).read_text(encoding="utf-8") for name in find_files(text)]
    names = re.findall(r"`(\w+)`", text)
    defined = {name for name in names if any(name in source for source in sources)}
    assert set(names) - defined == set()
