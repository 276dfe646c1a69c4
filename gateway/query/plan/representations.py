"""Representations of entities, as routers send them, to the identifiers of nodes.

A representation names a type and has the fields of one of its keys; it may have other
fields, which a router sends along for its own ends.
"""

from collections.abc import Mapping
from typing import Any

from gateway.errors import InputError
from gateway.query.plan.node_ids import NodeId, read_node_id
from gateway.records import JobSource

# The fields of each entity's natural key, as the entity's identity has their columns.
KEYS: Mapping[str, tuple[str, ...]] = {
    "Job": ("source", "jobIdentifier"),
    "Model": ("identifier", "version"),
    "User": ("source", "identifier"),
}
NULLABLE = {("Model", "version")}
MAX_SHOWN = 60


def read_representation(found: Mapping[str, Any]) -> NodeId:
    """Read which node is meant: by `id` where there is one, or else by the natural key.

    Args:
        found: Has a text for `__typename`; what else it has may be anything.

    Raises:
        InputError: It is of no entity, or has no key, or one that cannot be.
    """
    name: str = found["__typename"]
    if name not in KEYS:
        raise InputError(
            f"{show(name)} is no entity of this gateway; its entities are"
            f" {', '.join(KEYS)}"
        )
    if found.get("id") is not None:
        return read_id(name, found["id"])
    if any(part not in found for part in KEYS[name]):
        raise InputError(
            f"a representation of {name} has no key; give id, or"
            f" {' and '.join(KEYS[name])}"
        )
    parts = tuple(read_part(name, part, found[part]) for part in KEYS[name])
    return NodeId(type_name=name, parts=parts)


def read_id(name: str, value: object) -> NodeId:
    """Read a global identifier, which must be of the type."""
    node_id = read_node_id(read_text(name, "id", value))
    if node_id.type_name != name:
        raise InputError(
            f"the id of a representation of {name} is that of a {node_id.type_name};"
            f" give the id of a {name}"
        )
    return node_id


def read_part(name: str, part: str, value: object) -> str | None:
    """Read one field of a natural key."""
    if value is None and (name, part) in NULLABLE:
        return None
    text = read_text(name, part, value)
    if part == "source" and text not in set(JobSource):
        raise InputError(
            f"{show(text)} is no source; give one of {', '.join(JobSource)}"
        )
    return text


def read_text(name: str, part: str, value: object) -> str:
    """Read a text."""
    if not isinstance(value, str):
        raise InputError(
            f"{part} of a representation of {name} is {show(value)}; give a text"
        )
    return value


def show(value: object) -> str:
    """Show a value in a message, a long one in part.

    A list or an object is only named: it may nest as deeply as its writer likes.
    """
    match value:
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return repr(value)[:MAX_SHOWN]
