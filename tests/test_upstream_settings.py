"""Tables of upstreams that are wrong name the upstream, the key, and what is right."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.errors import SettingsError
from gateway.settings import read_settings, read_upstreams
from gateway.upstream_settings import ConfiguredUpstream

RIGHT = {
    "kind": "modzy",
    "base_url": "https://modzy.example.com/api",
    "credential_env": "MODZY_KEY",
    "account": "acme",
}


@pytest.fixture(autouse=True)
def credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODZY_KEY", "prefix.hunter2\n")


def read(*tables: dict[str, Any]) -> tuple[ConfiguredUpstream, ...]:
    """Read tables as they stand in the environment."""
    return read_upstreams(read_settings(upstreams=orjson.dumps(tables).decode()))


def test_nothing_set_is_no_upstream() -> None:
    assert read_upstreams(read_settings()) == ()


def test_an_upstream_is_called_by_its_kind_unless_it_has_a_name() -> None:
    found = read(RIGHT, RIGHT | {"name": "second"})
    assert [each.settings.name for each in found] == ["modzy", "second"]


def test_a_credential_comes_from_the_environment_without_its_line_end() -> None:
    [found] = read(RIGHT)
    assert found.credential.get_secret_value() == "prefix.hunter2"
    assert "hunter2" not in repr(found)


def test_a_credential_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("ei_hunter2\n", encoding="utf-8")
    table = RIGHT | {"credential_file": str(path)}
    del table["credential_env"]
    [found] = read(table)
    assert found.credential.get_secret_value() == "ei_hunter2"


def test_tables_come_from_a_toml_file(tmp_path: Path) -> None:
    path = tmp_path / "upstreams.toml"
    lines = [f"{key} = {orjson.dumps(value).decode()}" for key, value in RIGHT.items()]
    path.write_text("\n".join(["[[upstreams]]", *lines]), encoding="utf-8")
    [found] = read_upstreams(read_settings(upstreams_file=path))
    assert found.settings.base_url == RIGHT["base_url"]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"basurl": "x"}, "no key 'basurl'; did you mean base_url?"),
    "the secret itself": ({"credential": "hunter2"}, "no key 'credential'"),
    "no kind": ({"kind": "mozdy"}, "upstream 'mozdy': name|kind: input should be"),
    "a name": ({"name": "My Modzy"}, "upstream 'My Modzy': name: string should match"),
    "no number": ({"page_size": "many"}, "page_size: input should be a valid integer"),
    "no account": ({"account": " "}, "account: string should match"),
    "http": ({"base_url": "http://modzy.example.com"}, "base_url: http would show"),
    "query": ({"base_url": "https://a.example.com/?key=1"}, "base_url: right is an"),
    "two credentials": ({"credential_file": "/key"}, "give exactly one of credential"),
    "no credential": ({"credential_env": None}, "give exactly one of credential"),
    "unset": ({"credential_env": "NOT_SET"}, "there is no credential in NOT_SET"),
    "no file": (
        {"credential_env": None, "credential_file": "/none"},
        "cannot be read from /none: No such file",
    ),
    "no project": ({"kind": "edge-impulse"}, "project: edge-impulse needs the number"),
}


@pytest.mark.parametrize(("changes", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_table_is_told_what_is_right(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message.replace("?", "\\?")) as refused:
        read(RIGHT | changes)
    assert "upstream '" in refused.value.message
    assert "hunter2" not in refused.value.message


def test_two_upstreams_have_two_names() -> None:
    with pytest.raises(SettingsError, match="several upstreams are called 'modzy'"):
        read(RIGHT, RIGHT)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/api", "http://[::1]/api"])
def test_http_is_right_on_the_own_machine(address: str) -> None:
    [found] = read(RIGHT | {"base_url": address})
    assert found.settings.base_url == address


def test_http_is_right_where_the_operator_says_so() -> None:
    [found] = read(RIGHT | {"base_url": "http://modzy.lan/api", "allow_http": True})
    assert found.settings.allow_http


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "GATEWAY_UPSTREAMS cannot be read"),
        ("{}", "the upstreams are no list"),
        ("[1]", "upstream 1 is no table"),
    ],
)
def test_what_is_no_list_of_tables_is_refused(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_upstreams(read_settings(upstreams=text))


def test_upstreams_are_set_in_one_place(tmp_path: Path) -> None:
    settings = read_settings(upstreams="[]", upstreams_file=tmp_path / "a.toml")
    with pytest.raises(SettingsError, match="are both set; set one"):
        read_upstreams(settings)


@pytest.mark.parametrize(
    ("content", "message"),
    [("[[upstreams", "cannot be read"), ("[upstream]", "has more than upstreams")],
)
def test_a_file_that_is_wrong_is_named(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "upstreams.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=message) as refused:
        read_upstreams(read_settings(upstreams_file=path))
    assert str(path) in refused.value.message
