import re

import pytest

from gateway.query.document.timing import Timings
from tests.web.fakes import KEY, FakeOperations, to_client

STAGES = ["auth", "body", "document", "execute", "encode"]
QUERY = {"query": "{ viewer { subject } }"}
STAGE = re.compile(r"[a-z]+;dur=[0-9]+\.[0-9]{3}")


def to_stages(header: str) -> list[str]:
    assert all(STAGE.fullmatch(part) for part in header.split(", "))
    return [part.partition(";")[0] for part in header.split(", ")]


def test_an_answer_is_silent_about_its_time_unless_asked() -> None:
    with to_client(FakeOperations()) as client:
        answer = client.post("/graphql", json=QUERY, headers=KEY)
    assert "server-timing" not in answer.headers


@pytest.mark.parametrize("is_setting", [True, False], ids=["setting", "header"])
def test_an_answer_tells_how_long_its_stages_took(is_setting: bool) -> None:  # noqa: FBT001
    headers = KEY if is_setting else KEY | {"x-server-timing": "1"}
    with to_client(FakeOperations(), server_timing=is_setting) as client:
        answer = client.post("/graphql", json=QUERY, headers=headers)
    assert to_stages(answer.headers["server-timing"]) == STAGES


def test_times_of_a_stage_add_up() -> None:
    timings = Timings()
    timings.stages = {"db": 1.5, "shape": 0.25}
    with timings.measure("db"):
        pass
    assert timings.stages["db"] > 1.5
    assert to_stages(timings.to_header()) == ["db", "shape"]
