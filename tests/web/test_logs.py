import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from typing_extensions import override

from gateway.request_id import current_request_id
from gateway.settings import Settings
from gateway.web.logs import configure_logs


class Terminal(StringIO):
    @override
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    """The root logger as it was, after the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_lines_are_json_where_a_machine_reads_them() -> None:
    stream = StringIO()
    configure_logs(Settings(), stream)
    token = current_request_id.set("id-1")
    logging.getLogger("gateway.a").info("hello %s", "you", extra={"event": "greeting"})
    current_request_id.reset(token)
    line = json.loads(stream.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "gateway.a",
        "message": "hello you",
        "request_id": "id-1",
        "event": "greeting",
    }


def test_a_traceback_stays_on_its_line() -> None:
    stream = StringIO()
    configure_logs(Settings(), stream)
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        logging.getLogger("gateway.a").exception("broken")
    (line,) = stream.getvalue().splitlines()
    assert "ZeroDivisionError" in json.loads(line)["traceback"]


def test_lines_are_words_on_a_terminal() -> None:
    stream = Terminal()
    configure_logs(Settings(), stream)
    logging.getLogger("gateway.a").warning("hello", extra={"event": "greeting"})
    assert stream.getvalue().endswith(" WARNING hello\n")


@pytest.mark.parametrize(("level", "lines"), [("debug", 2), ("info", 1), ("error", 0)])
def test_the_setting_says_which_lines_are_written(level: str, lines: int) -> None:
    stream = StringIO()
    configure_logs(Settings().replace(log_level=level), stream)
    logging.getLogger("gateway.a").debug("one")
    logging.getLogger("gateway.a").info("two")
    assert len(stream.getvalue().splitlines()) == lines


@pytest.mark.parametrize("name", ["httpx2", "httpcore2.connection", "stamina"])
def test_addresses_that_requests_go_to_are_in_no_line(name: str) -> None:
    stream = StringIO()
    configure_logs(Settings().replace(log_level="debug"), stream)
    logging.getLogger(name).info("GET https://a.example.com/?key=hunter2")
    assert stream.getvalue() == ""
