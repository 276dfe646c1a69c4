import re
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway import errors
from gateway.errors import ErrorCode, GatewayError
from gateway.settings import Settings
from gateway.upstream_settings import UpstreamSettings, parse_upstreams

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NAMES = sorted(path.name for path in DOCS.glob("*.md"))
PAGES = ["README.md", "CHANGELOG.md", *(f"docs/{name}" for name in NAMES)]
LINK = re.compile(r"\]\(([^():]*)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def read_rows(name: str) -> list[list[str]]:
    """Read the cells of the table rows of a page that begin with code."""
    lines = (DOCS / name).read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in lines
        if line.startswith("| `")
    ]


def to_default(value: object) -> str:
    """Write a default as the page does."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    match value:
        case None | ():
            return "unset"
        case tuple():
            return f"`{','.join(value)}`"
        case bool():
            return f"`{str(value).lower()}`"
        case _:
            return f"`{value}`"


def test_every_setting_is_documented_as_it_is() -> None:
    expected = [
        [f"`GATEWAY_{name.upper()}`", to_default(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert read_rows("settings.md") == expected


def test_every_key_of_an_upstream_is_documented_as_it_is() -> None:
    expected = [
        [
            f"`{name}`",
            "needed" if field.is_required() else to_default(field.default),
            field.description,
        ]
        for name, field in UpstreamSettings.model_fields.items()
    ]
    assert read_rows("sync.md")[: len(expected)] == expected


def test_the_example_of_upstreams_is_right() -> None:
    text = (DOCS / "sync.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    found = parse_upstreams(tomllib.loads(example)["upstreams"])
    assert [each.kind for each in found] == ["edge-impulse", "modzy", "sharedcloud"]


def test_every_error_code_is_documented_once() -> None:
    documented = [row[0].strip("`") for row in read_rows("errors.md")]
    assert documented == list(ErrorCode)


def to_error_classes() -> list[type[GatewayError]]:
    """Return the classes of errors that a client can get."""
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    return [
        each
        for each in classes
        if issubclass(each, GatewayError) and each is not GatewayError
    ]


@pytest.mark.parametrize("error", to_error_classes())
def test_every_status_of_a_code_is_documented(error: type[GatewayError]) -> None:
    rows = {row[0].strip("`"): row[1] for row in read_rows("errors.md")}
    assert str(error.status) in rows[error.code].split(", ")


def test_every_documented_code_has_an_error_or_comes_from_the_document() -> None:
    raised = {each.code for each in to_error_classes()}
    from_documents = {
        ErrorCode.GRAPHQL_PARSE_FAILED,
        ErrorCode.GRAPHQL_VALIDATION_FAILED,
    }
    assert raised | from_documents == set(ErrorCode)


def to_anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub generates them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)", text, re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {each.replace(" ", "-") for each in words}


@pytest.mark.parametrize("name", PAGES)
def test_a_link_leads_to_a_file_and_a_heading_that_are_there(name: str) -> None:
    page = ROOT / name
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.is_file() or (anchor and anchor not in to_anchors(file)):
            broken.append(target)
    assert broken == []


def test_the_index_has_every_page_once() -> None:
    text = (DOCS / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[[\w.]+\]\((\w+\.md)\):", text, re.MULTILINE)
    assert sorted([*listed, "README.md"]) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_line_holds_one_sentence(name: str) -> None:
    lines = (DOCS / name).read_text(encoding="utf-8").splitlines()
    prose = [line for line in lines if line and line[0].isalpha()]
    assert [line for line in prose if re.search(r"[.] [A-Z]", line)] == []


def read_pins() -> list[dict[str, str]]:
    """Read what each test of an official client installs, with versions."""
    clients = Path(__file__).with_name("official_clients")
    manifests = [*clients.glob("*/requirements.txt"), *clients.glob("*/package.json")]
    pin = re.compile(r'^\s*"?([\w@/-]+)(?:==|": ")([\d.]+)', re.MULTILINE)
    return [dict(pin.findall(path.read_text(encoding="utf-8"))) for path in manifests]


def test_every_official_client_is_documented_with_the_version_that_is_tested() -> None:
    rows = read_rows("rest.md")
    documented = {
        row[0].split("`")[1]: row[1]
        for row in rows
        if row[0].endswith(("(Python)", "(npm)"))
    }
    found = [documented.items() & pins.items() for pins in read_pins()]
    assert [len(each) for each in found] == [1] * len(documented)
    assert len(documented) == 5
