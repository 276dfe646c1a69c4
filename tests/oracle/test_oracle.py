"""The compiled executor against graphql-core with ordinary resolvers.

`pytest tests/oracle --hypothesis-profile=thorough` compares more operations.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings as given_settings

from gateway.schema.operations import Operations
from gateway.settings import Settings
from gateway.store.database import open_database
from tests.oracle.comparing import Comparison
from tests.oracle.operations import Operation, operations
from tests.oracle.records import PROJECTS, make_world
from tests.oracle.values import to_vocabulary
from tests.oracle.writing import write

DATA_SETS = {"sqlite": 30, "postgresql": 10}
OPERATIONS_PER_DATA_SET = 50
UNKNOWN_PROJECT = 8
CASES = [
    (backend, number) for backend, count in DATA_SETS.items() for number in range(count)
]


def count_operations(usual: int = OPERATIONS_PER_DATA_SET) -> int:
    """Give the number of operations for each data set."""
    if given_settings.get_current_profile_name() == "thorough":
        return given_settings().max_examples
    return usual


@contextmanager
def open_comparison(
    settings: Settings, runner: asyncio.Runner, number: int
) -> Iterator[Comparison]:
    """Write a data set and give both sides of it."""
    is_sqlite = settings.database_url.get_secret_value().startswith("sqlite")
    world = make_world(number, keeps_any_number=is_sqlite)
    database = open_database(settings)
    try:
        runner.run(write(database, world))
        yield Comparison(operations=Operations(settings, database), world=world)
    finally:
        runner.run(database.close())


def test_at_least_two_thousand_operations_are_compared() -> None:
    assert len(CASES) * OPERATIONS_PER_DATA_SET >= 2_000


@pytest.mark.parametrize(("database_url", "number"), CASES, indirect=["database_url"])
def test_answers_are_those_of_graphql_core(settings: Settings, number: int) -> None:
    count = count_operations()
    compared: list[Operation] = []
    with (
        asyncio.Runner() as runner,
        open_comparison(settings, runner, number) as comparison,
    ):
        vocabulary = to_vocabulary(comparison.world)

        @seed(number)
        @given_settings(
            max_examples=count,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
        )
        @given(operations(vocabulary, [*PROJECTS[:2], UNKNOWN_PROJECT]))
        def compare(operation: Operation) -> None:
            assume(runner.run(comparison.compare(operation)))
            compared.append(operation)

        compare()
    assert len(compared) >= count
