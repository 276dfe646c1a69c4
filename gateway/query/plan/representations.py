"""Representations of federated entities, as routers send them, to node identifiers.

A representation has a `__typename` and the fields of one of the entity's keys; further
fields are ignored.
"""

from collections.abc import Mapping
from typing import Any

from gateway.errors import InputError
from gateway.query.plan.node_ids import NodeId, decode_node_id
from gateway.records import JobSource

# The fields of each entity's natural key, as the entity's identity has their columns.
KEY_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Job": ("source", "jobIdentifier"),
    "Model": ("identifier", "version"),
    "User": ("source", "identifier"),
}
NULLABLE = {("Model", "version")}
MAX_SHOWN = 60


def parse_entity_key(found: Mapping[str, Any]) -> NodeId:
    """Parse a representation's key: its `id` if it has one, else its natural key.

    Args:
        found: Its `__typename` is a text; the rest is unchecked.

    Raises:
        InputError: It is of no entity, or its key is missing or invalid.
    """
    name: str = found["__typename"]
    if name not in KEY_FIELDS:
        raise InputError(
            f"{describe_value(name)} is no entity of this gateway; its entities are"
            f" {', '.join(KEY_FIELDS)}"
        )
    if found.get("id") is not None:
        return parse_id(name, found["id"])
    if any(part not in found for part in KEY_FIELDS[name]):
        raise InputError(
            f"a representation of {name} has no key; give id, or"
            f" {' and '.join(KEY_FIELDS[name])}"
        )
    parts = tuple(parse_key_field(name, part, found[part]) for part in KEY_FIELDS[name])
    return NodeId(type_name=name, parts=parts)


def parse_id(name: str, value: object) -> NodeId:
    """Parse a global identifier, which must be of the type."""
    node_id = decode_node_id(parse_text_field(name, "id", value))
    if node_id.type_name != name:
        raise InputError(
            f"the id of a representation of {name} is that of a {node_id.type_name};"
            f" give the id of a {name}"
        )
    return node_id


def parse_key_field(name: str, part: str, value: object) -> str | None:
    """Parse one field of a natural key."""
    if value is None and (name, part) in NULLABLE:
        return None
    text = parse_text_field(name, part, value)
    if part == "source" and text not in set(JobSource):
        raise InputError(
            f"{describe_value(text)} is no source; give one of {', '.join(JobSource)}"
        )
    return text


def parse_text_field(name: str, part: str, value: object) -> str:
    """Check that a field is a text."""
    if not isinstance(value, str):
        shown = describe_value(value)
        raise InputError(
            f"{part} of a representation of {name} is {shown}; give a text"
        )
    return value


def describe_value(value: object) -> str:
    """Describe a value in a message, shortening it.

    A list or an object is only named: it may be nested to any depth.
    """
    match value:
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return repr(value)[:MAX_SHOWN]
