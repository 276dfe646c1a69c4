"""The schema, made of the Strawberry types, and its text."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import strawberry
from graphql import (
    GraphQLSchema,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from gateway.schema.direct import resolve_directly
from gateway.schema.mutation import Mutation
from gateway.schema.nodes import Job, Model, User
from gateway.schema.query import Query
from gateway.schema.scalars import SCALARS


@cache
def to_schema() -> GraphQLSchema:
    """Make the schema that documents are validated and executed against."""
    return make_schema(Query)


def make_schema(
    query: type, scalars: Mapping[object, ScalarDefinition] = MappingProxyType({})
) -> GraphQLSchema:
    """Make a schema of the root fields of a type.

    Args:
        query: The root fields.
        scalars: What they take beside the gateway's own scalars.
    """
    made = strawberry.Schema(
        query,
        Mutation,
        types=[Job, Model, User],
        config=StrawberryConfig(scalar_map={**SCALARS, **scalars}),
    )
    schema = made._schema  # noqa: SLF001 -- Strawberry has no public way to it; here alone
    resolve_directly(schema)
    return schema


def to_sdl() -> str:
    """Write the schema in GraphQL's schema language, sorted: `schema.graphql`."""
    # Sorting knows nothing of Strawberry's enums: it is given a schema without them.
    plain = build_schema(print_schema(to_schema()))
    return f"{print_schema(lexicographic_sort_schema(plain))}\n"
