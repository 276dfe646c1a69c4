"""The schema as a subgraph of Apollo Federation 2.

Strawberry's own support puts the directives on the types, so that the schema without
federation had them too, and resolves representations one by one. So the directives are
added to the SDL, and `_entities` and `_service` are root fields of the gateway's own.
Version 2.3 of the specification suffices, and every composer reads it.
"""

from dataclasses import replace
from functools import cache

import strawberry
from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DocumentNode,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    parse,
    print_ast,
)

from gateway.query.fields import RULES, FieldRules, SizeRule
from gateway.query.plan.representations import KEY_FIELDS
from gateway.schema.contract import make_schema, to_sdl
from gateway.schema.entities import (
    MAX_REPRESENTATIONS,
    REPRESENTATION,
    Entity,
    Representation,
    resolve_entities,
)
from gateway.schema.fields import plain
from gateway.schema.query import Query
from gateway.schema.reading import plan_look_up
from gateway.schema.roots import Root

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",'
    ' import: ["@key", "@shareable"])'
)
DIRECTIVES = {
    name: f'@key(fields: "id") @key(fields: "{" ".join(fields)}")'
    for name, fields in KEY_FIELDS.items()
} | {
    # Other subgraphs may have types of these names, too.
    "Money": "@shareable",
    "PageInfo": "@shareable",
}


@strawberry.type(
    name="_Service", description="This subgraph, to what composes it with others."
)
class Service:
    sdl: str = plain("The schema with the directives of the federation.")


async def resolve_service(root: Root) -> Service:
    """Give the subgraph's SDL."""
    return Service(sdl=to_subgraph_sdl())


@strawberry.type(name="Query", description="What can be asked.")
class SubgraphQuery(Query):
    entities: list[Entity | None] = strawberry.field(
        name="_entities",
        resolver=resolve_entities,
        description="Jobs, models and users by their keys, in the order of"
        " `representations`; null where there is none that the caller may see. For"
        " routers.",
        metadata={
            RULES: FieldRules(
                scope="jobs:read",
                size=SizeRule(
                    arguments=("representations",),
                    default=100,
                    maximum=MAX_REPRESENTATIONS,
                ),
                plan=plan_look_up,
            )
        },
    )
    service: Service = strawberry.field(
        name="_service",
        resolver=resolve_service,
        description="This subgraph's schema. For routers and for what composes.",
        metadata={RULES: FieldRules(is_introspection=True)},
    )


@cache
def to_subgraph_schema() -> GraphQLSchema:
    """Make the schema with the root fields for routers."""
    return make_schema(SubgraphQuery, {Representation: REPRESENTATION})


@cache
def to_subgraph_sdl() -> str:
    """Print the schema as SDL, with the directives of the federation."""
    document = parse(to_sdl())
    decorated = tuple(map(decorate, document.definitions))
    return f"{LINK}\n\n{print_ast(DocumentNode(definitions=decorated))}\n"


def decorate(definition: DefinitionNode) -> DefinitionNode:
    """Add a type's directives to its definition."""
    if not isinstance(definition, ObjectTypeDefinitionNode):
        return definition
    directives = parse_directives(DIRECTIVES.get(definition.name.value, ""))
    return replace(definition, directives=directives)


def parse_directives(text: str) -> tuple[ConstDirectiveNode, ...]:
    """Parse directives."""
    (scalar,) = parse(f"scalar S {text}").definitions
    found: tuple[ConstDirectiveNode, ...] = scalar.directives  # type: ignore[attr-defined]  # it is a definition
    return found
