"""How the package is kept: names, exports, and files that pages speak of."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gateway"
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts
)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FILE = re.compile(r"`([\w./-]+\.py)`")
# Folders whose modules implement one protocol, so that they define the same names.
PROTOCOLS: Mapping[str, str] = {
    "gateway/dialects/": "each decodes and encodes the parts of a job",
    "gateway/store/migrations/versions/": "Alembic calls each",
    "gateway/web/rest/": "each answers as one system does",
}


def to_definitions(path: Path) -> Iterator[str]:
    """Give the names of the functions and classes that a module defines at its top."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def is_within(places: list[str], folder: str) -> bool:
    """Tell whether all places are in a folder."""
    return all(place.startswith(folder) for place in places)


def test_no_two_modules_define_the_same_name_without_a_reason() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        for name in to_definitions(path):
            places[name].append(str(path.relative_to(ROOT)))
    twice = {
        name: found
        for name, found in places.items()
        if len(found) > 1 and not any(is_within(found, folder) for folder in PROTOCOLS)
    }
    assert twice == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_lists_its_exports(path: Path) -> None:
    assert "__all__" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    named = FILE.findall(page.read_text(encoding="utf-8"))
    missing = [
        name
        for name in named
        if not any((base / name).exists() for base in (ROOT, PACKAGE))
    ]
    assert missing == []


def read_glossary() -> list[str]:
    """Read the words of the glossary."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    cells = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    words = [word for cell in cells for word in cell.split(", ")]
    return [word for word in words if word not in {"word", "---"}]


@pytest.mark.parametrize("word", read_glossary())
def test_the_code_uses_every_word_of_the_glossary(word: str) -> None:
    pattern = re.compile(word.replace(" ", "[ _]?"), re.IGNORECASE)
    assert any(pattern.search(path.read_text(encoding="utf-8")) for path in MODULES)
