"""The GraphQL schema, made of the Strawberry types, and its SDL."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

import strawberry
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import ScalarDefinition

from gateway.query.fields import RULES, FieldRules, Leaf
from gateway.schema.execution import resolve_root
from gateway.schema.mutation import Mutation
from gateway.schema.nodes import Job, Model, User
from gateway.schema.query import Query
from gateway.schema.scalars import SCALARS


@cache
def to_schema() -> GraphQLSchema:
    """Make the schema; one for the process."""
    return make_schema(Query)


def make_schema(
    query: type, scalars: Mapping[object, ScalarDefinition] = MappingProxyType({})
) -> GraphQLSchema:
    """Make a schema.

    Args:
        query: The Strawberry type of the query root.
        scalars: More scalars than the gateway's own.
    """
    made = strawberry.Schema(
        query,
        Mutation,
        types=[Job, Model, User],
        config=StrawberryConfig(scalar_map={**SCALARS, **scalars}),
    )
    schema = made._schema  # noqa: SLF001 -- Strawberry has no public accessor; used only here
    copy_rules(schema)
    for root in filter(None, (schema.query_type, schema.mutation_type)):
        for definition in root.fields.values():
            definition.resolve = resolve_root
    return schema


def copy_rules(schema: GraphQLSchema) -> None:
    """Copy the rules of Strawberry's fields to the extensions of graphql-core's."""
    for found in schema.type_map.values():
        if not isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for definition in found.fields.values():
            field = definition.extensions.get("strawberry-definition")
            if field and RULES in field.metadata:
                definition.extensions[RULES] = complete_rules(field)


def complete_rules(field: StrawberryField) -> FieldRules:
    """Give a field's rules; a leaf that names no column has that of its name."""
    rules: FieldRules = field.metadata[RULES]
    if not isinstance(rules.source, Leaf) or rules.source.columns:
        return rules
    return replace(rules, source=replace(rules.source, columns=(field.python_name,)))


def to_sdl() -> str:
    """Print the schema as SDL, sorted: the text of `schema.graphql`."""
    # Sorting fails on Strawberry's enums; a schema made of the SDL has none.
    plain = build_schema(print_schema(to_schema()))
    return f"{print_schema(lexicographic_sort_schema(plain))}\n"
