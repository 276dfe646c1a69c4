"""Resolves `_entities`: jobs, models and users by key, for federation routers."""

from typing import Annotated, Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from gateway.errors import InputError
from gateway.query.plan.node_ids import NodeId
from gateway.query.plan.representations import parse_entity_key
from gateway.schema.nodes import Job, Model, User
from gateway.schema.nodes_by_id import read_nodes_by_id
from gateway.schema.roots import Root

# A router asks for all the keys of one step of its plan at once: those of a page, or of
# the pages nested in a page.
MAX_REPRESENTATIONS = 1_000

Representation = NewType("Representation", object)


def parse_representation(value: object) -> dict[str, Any]:
    """Check that a value is an object with `__typename`; its keys are checked later."""
    if not isinstance(value, dict) or not isinstance(value.get("__typename"), str):
        raise ValueError(  # noqa: TRY004 -- what graphql-core expects of a scalar
            "_Any is a representation: an object with __typename and the fields of a"
            ' key, such as {"__typename": "Job", "id": "..."}'
        )
    return value


REPRESENTATION: ScalarDefinition = strawberry.scalar(
    name="_Any",
    description="A representation of an entity: an object with `__typename` and the"
    " fields of one of its keys.",
    serialize=lambda value: value,
    parse_value=parse_representation,
)

Entity = Annotated[
    Job | Model | User,
    strawberry.union("_Entity", description="What other subgraphs can refer to."),
]


async def resolve_entities(
    root: Root,
    representations: Annotated[
        list[Representation],
        strawberry.argument(description="What is wanted, at most 1,000."),
    ],
) -> list[Entity | None]:
    """Look up entities, all of one type in one statement."""
    if len(representations) > MAX_REPRESENTATIONS:
        raise InputError(
            f"representations has {len(representations)} items; give at most"
            f" {MAX_REPRESENTATIONS}"
        )
    wanted = [parse_or_refuse(found) for found in representations]
    return await read_nodes_by_id(root, wanted)  # type: ignore[no-any-return]  # finished


def parse_or_refuse(found: Any) -> NodeId | InputError:  # noqa: ANN401 -- an object
    """Parse a representation; an error is returned, since the others still count."""
    try:
        return parse_entity_key(found)
    except InputError as exc:
        return exc
