"""The schema as clients see it: whole, described, and committed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
    print_schema,
    validate_schema,
)

from gateway.dialects.ndjson import (
    JOB_KEYS,
    KEYS,
)
from gateway.records import JobInputRecord, ModelRecord, MoneyRecord, UserRecord
from gateway.schema.contract import to_schema, to_sdl
from gateway.schema.subgraph import to_subgraph_schema

COMMITTED = Path(__file__).parents[2] / "schema.graphql"
# What the gateway gives an object, beside what a document tells of it.
GIVEN = {"id", "jobs"}


SCHEMAS = {"plain": to_schema, "subgraph": to_subgraph_schema}


def own_types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    for found in schema.type_map.values():
        if not is_introspection_type(found) and not is_specified_scalar_type(found):
            yield found


def members_of(found: GraphQLNamedType) -> Mapping[str, Any]:
    members: Mapping[str, Any] = getattr(found, "fields", {})
    return found.values if isinstance(found, GraphQLEnumType) else members


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    for found in own_types(schema):
        yield found.name, found.description
        for name, member in members_of(found).items():
            yield f"{found.name}.{name}", member.description
            for argument, value in getattr(member, "args", {}).items():
                yield f"{found.name}.{name}({argument})", value.description


@pytest.mark.parametrize("make", SCHEMAS.values(), ids=SCHEMAS)
def test_everything_is_described_in_sentences(
    make: Callable[[], GraphQLSchema],
) -> None:
    found = described(make())
    assert not [name for name, text in found if not text or not text.endswith(".")]


def test_the_committed_schema_is_fresh() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == to_sdl()


@pytest.mark.parametrize("make", SCHEMAS.values(), ids=SCHEMAS)
def test_the_schema_is_valid_graphql(make: Callable[[], GraphQLSchema]) -> None:
    assert validate_schema(build_schema(print_schema(make()))) == []


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Job", JOB_KEYS),
        ("Model", KEYS[ModelRecord]),
        ("User", (*KEYS[UserRecord], "source")),
        ("JobInputItem", KEYS[JobInputRecord]),
        ("Money", KEYS[MoneyRecord]),
    ],
)
def test_the_gateway_s_own_documents_have_the_fields_of_the_schema(
    name: str, keys: tuple[str, ...]
) -> None:
    found = to_schema().get_type(name)
    assert isinstance(found, GraphQLObjectType)
    assert set(found.fields) - GIVEN == set(keys)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("JobRecordInput", set(JOB_KEYS) - {"source", "accountIdentifier"}),
        ("ModelRecordInput", KEYS[ModelRecord]),
        ("UserRecordInput", KEYS[UserRecord]),
        ("JobInputItemRecordInput", KEYS[JobInputRecord]),
        ("MoneyInput", KEYS[MoneyRecord]),
    ],
)
def test_a_job_can_be_reported_as_the_gateway_s_own_documents_tell_it(
    name: str, keys: Iterable[str]
) -> None:
    found = to_schema().get_type(name)
    assert isinstance(found, GraphQLInputObjectType)
    assert set(found.fields) == set(keys)


def test_lists_are_never_of_nullable_items_but_for_nodes() -> None:
    nullable = [
        line for line in to_sdl().splitlines() if "[" in line and "!]" not in line
    ]
    assert [line.strip() for line in nullable] == ["): [Node]!"]
