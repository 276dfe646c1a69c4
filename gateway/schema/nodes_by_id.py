"""Identified nodes to finished lists: all of one type are read in one statement."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError

from gateway.errors import InputError
from gateway.query.fields import ENTITIES
from gateway.query.plan.filters import any_row_of
from gateway.query.plan.node_ids import NodeId
from gateway.query.run.shape import Object
from gateway.schema.finished import Finished
from gateway.schema.reading import look_up
from gateway.schema.roots import Root

Found = tuple[dict[NodeId, Object], Callable[..., Any]]


async def read_nodes(root: Root, wanted: Sequence[NodeId | InputError]) -> Any:  # noqa: ANN401 -- a finished list
    """Read nodes in the order in which they are wanted, some of them perhaps twice.

    Args:
        root: The field, a list of a type that all of them may have.
        wanted: A node, null where the caller may see none; or why an item is in error.
    """
    by_type: dict[str, list[NodeId]] = {}
    for item in dict.fromkeys(wanted):
        if isinstance(item, NodeId):
            by_type.setdefault(item.type_name, []).append(item)
    results = await asyncio.gather(
        *(look_up_nodes(root, name, found) for name, found in by_type.items())
    )
    found_by = dict(zip(by_type, results, strict=True))
    items = [
        to_error(root, item, at)
        if isinstance(item, InputError)
        else to_item(found_by[item.type_name], item, at)
        for at, item in enumerate(wanted)
    ]
    errors = tuple(error for item in items for error in item.errors)
    return Finished([item.value for item in items], errors)


def to_item(found: Found, node_id: NodeId, at: int) -> Finished:
    """Finish an item of the list."""
    objects, finish = found
    item: Finished = finish(objects.get(node_id), at)
    return item


def to_error(root: Root, error: InputError, at: int) -> Finished:
    """Make an item that is null, for a reason."""
    field = root.field.selection
    nodes = [detail.node for detail in field.details]
    path: list[str | int] = [field.key, at]
    found = GraphQLError(error.message, nodes, path=path, original_error=error)
    return Finished(None, (found,))


async def look_up_nodes(
    root: Root, type_name: str, node_ids: Sequence[NodeId]
) -> Found:
    """Look up nodes of one type.

    Returns:
        Those that the caller may see, and what finishes them: see `look_up`.
    """
    columns = ENTITIES[type_name].identity
    restriction = any_row_of(columns, [node_id.parts for node_id in node_ids])
    found, finish = await look_up(root, type_name, restriction, len(node_ids))
    return {
        node_id: found[node_id.parts] for node_id in node_ids if node_id.parts in found
    }, finish
