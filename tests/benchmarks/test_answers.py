import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.benchmarks.contestants import CONTESTANTS, Contestant
from tests.benchmarks.datasets import make_key, read_identifiers
from tests.benchmarks.generation import generate
from tests.benchmarks.works import WORKS, to_wishes

JOBS = 130
GATEWAY, *OTHERS = CONTESTANTS


@pytest.fixture
def data_url(database_url: str) -> str:
    """The URL of a database of generated jobs."""
    asyncio.run(generate(database_url, JOBS))
    return database_url


def read_answers(contestant: Contestant, url: str) -> Mapping[tuple[str, str], Any]:
    """Have a contestant answer each work; jobs of both ends are asked for."""
    identifiers = asyncio.run(read_identifiers(url, JOBS))
    key = asyncio.run(make_key(url))
    answers = {}
    with TestClient(contestant.make_app(url), headers={"x-api-key": key}) as client:
        for work in WORKS:
            for wish in to_wishes(work, [identifiers[0], identifiers[-1]]):
                answers[work.name, wish.target] = (
                    client.post(
                        contestant.path,
                        content=wish.body,
                        headers={"content-type": "application/json"},
                    )
                    if contestant.path
                    else client.get(wish.target)
                ).json()["data"]
    return answers


@pytest.mark.parametrize("contestant", OTHERS, ids=lambda each: each.name)
def test_contestants_answer_what_the_gateway_does(
    contestant: Contestant, data_url: str
) -> None:
    expected = read_answers(GATEWAY, data_url)
    assert read_answers(contestant, data_url) == expected


def test_generated_answers_have_something_to_say(data_url: str) -> None:
    answers = json.dumps(list(read_answers(GATEWAY, data_url).values()))
    for word in ('"currency": "USD"', '"byteAmount"', "RUNNING", "Engineer"):
        assert word in answers
