"""Entities are what the same principal gets for each of them by itself.

Lists of representations are asked of a gateway, and then each of them by the root field
that looks it up. As in `test_principals`, a gateway that has nothing but what the
principal may see answers the same, and has as much to do for it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson
import pytest
from graphql import GraphQLInterfaceType
from hypothesis import (
    HealthCheck,
    Phase,
    given,
    seed,
    settings as given_settings,
    strategies as st,
)

from gateway.auth.principal import Principal
from gateway.errors import InputError
from gateway.query.plan.node_ids import decode_node_id, to_model_id
from gateway.query.plan.representations import KEY_FIELDS
from tests.oracle.arguments import Draw, Variables
from tests.oracle.neighbours import make_arrivals, make_views, to_world
from tests.oracle.observing import Side
from tests.oracle.operations import Operation, Writer, contract
from tests.oracle.test_oracle import count_operations
from tests.oracle.test_principals import (
    MakeUrl,
    make_url as make_url,  # noqa: PLC0414 -- a fixture
    open_side,
    sets_of_scopes,
    to_principal,
)
from tests.oracle.values import Vocabulary, to_vocabulary

DATA_SETS = range(2)
LISTS = 15
LEVELS = 4
ONE_BY_ONE = {
    "Job": "job(source: $source, jobIdentifier: $jobIdentifier)",
    "User": "user(source: $source, identifier: $identifier)",
}
TYPES = {"source": "JobSource!", "jobIdentifier": "String!", "identifier": "String!"}

Representation = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Some representations, and what is asked of each of them."""

    representations: Sequence[Representation]
    selection: str
    fragments: str
    declared: Sequence[str]
    sent: Mapping[str, Any]

    def to_list(self) -> Operation:
        """Ask for all of them."""
        field = "_entities(representations: $all)"
        return self.write(field, {"all": "[_Any!]!"}, {"all": self.representations})

    def to_single(self, found: Representation) -> Operation:
        """Ask for one of them by a field of its own, where there is one."""
        keys = {name: found[name] for name in found if name != "__typename"}
        if "id" not in keys and found["__typename"] in ONE_BY_ONE:
            field = ONE_BY_ONE[str(found["__typename"])]
            return self.write(field, {name: TYPES[name] for name in keys}, keys)
        id = keys.get("id") or encode(found)
        return self.write("node(id: $one)", {"one": "ID!"}, {"one": id})

    def write(
        self, field: str, types: Mapping[str, str], values: Mapping[str, Any]
    ) -> Operation:
        """Write an operation of one root field."""
        own = [f"${name}: {kind}" for name, kind in types.items()]
        variables = ", ".join([*own, *self.declared])
        return Operation(
            text=f"query Q({variables}) {{ found: {field} {{ ... on Node"
            f" {self.selection} }} }}\n{self.fragments}",
            variables={**self.sent, **values},
            project=None,
        )


@st.composite
def wishes(draw: Draw, vocabulary: Vocabulary) -> Wish:
    """Make representations by either key, and a selection."""
    known = st.sampled_from(vocabulary.words["ids"])
    found = st.integers(0, 9).flatmap(lambda at: st.just("no id") if at == 9 else known)
    ids = draw(st.lists(found, max_size=8))
    writer = Writer(draw, vocabulary, Variables(draw))
    node = contract().get_type("Node")
    assert isinstance(node, GraphQLInterfaceType)
    selection = writer.select(node, LEVELS)
    return Wish(
        representations=[represent(id, is_natural=draw(st.booleans())) for id in ids],
        selection=selection,
        fragments="\n".join(text for *_, text in writer.fragments.values()),
        declared=writer.variables.declared,
        sent=writer.variables.sent,
    )


def represent(id: str, *, is_natural: bool) -> Representation:
    """Write a representation; what is no id may stand for any type."""
    try:
        node_id = decode_node_id(id)
    except InputError:
        return {"__typename": "Job", "id": id}
    name = node_id.type_name
    key = dict(zip(KEY_FIELDS[name], node_id.parts, strict=True))
    return {"__typename": name, **(key if is_natural else {"id": id})}


def encode(found: Representation) -> str:
    """Make the global identifier of a model."""
    return to_model_id(str(found["identifier"]), found["version"])


async def check(side: Side, wish: Wish, principal: Principal) -> bool:
    """Compare a list with its items; tell whether there was something to compare."""
    listed = await read(side, wish.to_list(), principal)
    if listed["data"] is None:
        return False
    for at, found in enumerate(wish.representations):
        single = await read(side, wish.to_single(found), principal)
        item = {"data": listed["data"][at], "errors": errors_at(listed, ["found", at])}
        alone = {"data": single["data"], "errors": errors_at(single, ["found"])}
        assert item == alone
    return bool(wish.representations)


async def read(
    side: Side, operation: Operation, principal: Principal
) -> dict[str, Any]:
    """Give what was found, or null for an operation that is refused, and the errors."""
    payload = orjson.loads((await side.ask(operation, principal)).payload)
    return {
        "data": (payload.get("data") or {}).get("found"),
        "errors": payload.get("errors", []),
    }


def errors_at(answer: Mapping[str, Any], place: Sequence[str | int]) -> list[Any]:
    """Give the errors below a place, by their paths from there."""
    size = len(place)
    return [
        (error["path"][size:], error["message"], error["extensions"])
        for error in answer["errors"]
        if error.get("path", [])[:size] == place
    ]


@pytest.mark.parametrize("number", DATA_SETS)
def test_a_list_of_entities_is_what_its_items_are(
    make_url: MakeUrl, number: int
) -> None:
    random = Random(number)  # noqa: S311 -- made data is no secret
    arrivals, sights = make_arrivals(random), make_views(random)
    vocabulary = to_vocabulary(to_world(arrivals))
    compared: list[bool] = []
    with asyncio.Runner() as runner, ExitStack() as stack:
        shared, *others = (
            stack.enter_context(open_side(runner, make_url(), found, federation=True))
            for found in (arrivals, *(list(sight.keep(arrivals)) for sight in sights))
        )

        @seed(number)
        @given_settings(
            max_examples=count_operations(LISTS),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(wishes(vocabulary), sets_of_scopes())
        def ask_all(wish: Wish, scopes: frozenset[str]) -> None:
            for sight, alone in zip(sights, others, strict=True):
                principal = to_principal(sight, scopes)
                observed = runner.run(shared.ask(wish.to_list(), principal))
                assert observed == runner.run(alone.ask(wish.to_list(), principal))
                compared.append(runner.run(check(shared, wish, principal)))

        ask_all()
    assert sum(compared) > len(compared) // 3
