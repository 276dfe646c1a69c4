"""Reads lists of nodes by identifier, all of one type in one statement."""

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


async def read_nodes_by_id(root: Root, wanted: Sequence[NodeId | InputError]) -> Any:  # noqa: ANN401 -- a finished list
    """Read nodes in the order given; duplicates are read once.

    Args:
        root: The field, a list of an interface or union of the nodes' types.
        wanted: For each item the node's identifier, or the error it gets instead.
            Nodes that the caller may not see are null.
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
        to_null_item(root, item, at)
        if isinstance(item, InputError)
        else finish_item(found_by[item.type_name], item, at)
        for at, item in enumerate(wanted)
    ]
    errors = tuple(error for item in items for error in item.errors)
    return Finished([item.value for item in items], errors)


def finish_item(found: Found, node_id: NodeId, at: int) -> Finished:
    """Finish an item: the node, or null."""
    objects, finish = found
    item: Finished = finish(objects.get(node_id), at)
    return item


def to_null_item(root: Root, error: InputError, at: int) -> Finished:
    """Make an item that is null, with an error."""
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
        The nodes that the caller may see, and what finishes an item: see `look_up`.
    """
    columns = ENTITIES[type_name].identity
    restriction = any_row_of(columns, [node_id.parts for node_id in node_ids])
    found, finish = await look_up(root, type_name, restriction, len(node_ids))
    return {
        node_id: found[node_id.parts] for node_id in node_ids if node_id.parts in found
    }, finish
