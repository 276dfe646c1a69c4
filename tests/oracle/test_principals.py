"""Nothing tells of what a principal may not see, whatever it asks for.

Each operation is asked twice: of a gateway that has nothing but what the principal may
see, and of one that has all that others have, too. The answers are the same to the
byte, and so are the statements they took and how many rows those brought. Windows of
usage end before today, so that what still runs counts the same whatever the clock says.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest
from hypothesis import (
    HealthCheck,
    Phase,
    given,
    seed,
    settings as given_settings,
    strategies as st,
)

from gateway.auth.principal import CredentialKind, Principal
from gateway.schema.operations import Operations
from gateway.setting_texts import SCOPES
from gateway.settings import read_settings
from tests.conftest import BACKENDS
from tests.databases import PostgresqlServer, copy_sqlite
from tests.factories import put
from tests.oracle.neighbours import (
    Arrival,
    View,
    make_arrivals,
    make_views,
    to_world,
)
from tests.oracle.observing import Observation, Side, open_observed
from tests.oracle.operations import Operation, operations
from tests.oracle.test_oracle import count_operations
from tests.oracle.values import to_vocabulary

DATA_SETS = range(3)
# For each data set and database; each is asked by four principals.
OPERATIONS = 30
MakeUrl = Callable[[], str]


@pytest.fixture(params=BACKENDS)
def make_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeUrl]:
    """What makes migrated databases, which are gone after the test."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield lambda: copy_sqlite(template, tmp_path_factory.mktemp("sight"))
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name: str = request.getfixturevalue("postgresql_template")
    with ExitStack() as stack:
        yield lambda: stack.enter_context(server.database(name))


@contextmanager
def open_side(
    runner: asyncio.Runner,
    url: str,
    arrivals: Sequence[Arrival],
    *,
    federation: bool = False,
) -> Iterator[Side]:
    """Write what arrives to a database of its own."""
    # Over one connection, fields at the root ask one after the other.
    settings = read_settings(
        database_url=url, database_pool_size=1, federation=federation
    )
    database = open_observed(settings)
    try:
        for found in arrivals:
            runner.run(put(database, found.account, *found.jobs))
        yield Side(operations=Operations(settings, database), database=database)
    finally:
        runner.run(database.close())


def to_principal(sight: View, scopes: frozenset[str]) -> Principal:
    """Give a principal who sees so much."""
    return Principal(
        account=sight.account,
        project_id=sight.project,
        subject="somebody",
        kind=CredentialKind.JWT,
        scopes=scopes,
    )


def sets_of_scopes() -> st.SearchStrategy[frozenset[str]]:
    """Give a strategy for scopes: mostly all, since most else is refused at once."""
    some = st.frozensets(st.sampled_from(sorted(SCOPES)))
    every = st.just(frozenset(SCOPES))
    return st.integers(0, 5).flatmap(lambda at: some if at == 5 else every)


@pytest.mark.parametrize("number", DATA_SETS)
def test_nothing_tells_of_what_a_principal_may_not_see(
    make_url: MakeUrl, number: int
) -> None:
    random = Random(number)  # noqa: S311 -- made data is no secret
    arrivals, sights = make_arrivals(random), make_views(random)
    vocabulary = to_vocabulary(to_world(arrivals))
    count = count_operations(OPERATIONS)
    answered: list[Observation] = []
    with asyncio.Runner() as runner, ExitStack() as stack:

        def open_on(found: Sequence[Arrival]) -> Side:
            return stack.enter_context(open_side(runner, make_url(), found))

        shared = open_on(arrivals)
        sides = [(sight, open_on(list(sight.keep(arrivals)))) for sight in sights]

        @seed(number)
        @given_settings(
            max_examples=count,
            deadline=None,
            database=None,
            # Shrinking would take minutes, of every test: one leak breaks them all.
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(operations(vocabulary, []), sets_of_scopes())
        def ask_both(operation: Operation, scopes: frozenset[str]) -> None:
            for sight, alone in sides:
                principal = to_principal(sight, scopes)
                observed = runner.run(shared.ask(operation, principal))
                assert observed == runner.run(alone.ask(operation, principal))
                answered.append(observed)

        ask_both()
    # Those refused before anything is read say little.
    assert sum(bool(observed.asked) for observed in answered) > len(answered) // 3
