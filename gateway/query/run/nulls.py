"""Values that broke to errors with paths, and to the nulls that follow from them.

This is the spec's "Handling Execution Errors": a non-null field that broke makes its
parent null, up to the first nullable one. It runs only where something broke.
"""

from collections.abc import Sequence
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    get_nullable_type,
)

from gateway.query.document.selection import NOTHING, FieldSelection, ObjectSelection
from gateway.query.run.shape import Broken, Object

Path = list[str | int]


class NullError(Exception):
    """A non-null position has no value."""


def settle(
    value: object, field: FieldSelection, path: Path, errors: list[GraphQLError]
) -> Any:  # noqa: ANN401 -- a response value
    """Replace what broke in a field's value by null, and add its errors.

    Args:
        value: The field's, or an item of it.
        field: What is asked.
        path: The path of the field, or of the item.
        errors: Takes the errors.

    Raises:
        NullError: The field is non-null and would be null.
    """
    if field.definition is None:
        return value
    kind = field.definition.type
    whole = get_nullable_type(kind)
    if isinstance(path[-1], int) and isinstance(whole, GraphQLList):
        kind = whole.of_type
    return settle_typed(value, kind, field, path, errors)


def settle_typed(
    value: object,
    kind: GraphQLOutputType,
    field: FieldSelection,
    path: Path,
    errors: list[GraphQLError],
) -> Any:  # noqa: ANN401 -- a response value
    """Settle a value of a type, which may be the item type of the field's."""
    if isinstance(kind, GraphQLNonNull):
        found = settle_typed(value, kind.of_type, field, path, errors)
        if found is None:
            raise NullError
        return found
    if isinstance(value, Broken):
        nodes = value.nodes or [detail.node for detail in field.details]
        extensions = {"code": value.code.value}
        error = GraphQLError(value.message, nodes, path=path, extensions=extensions)
        errors.append(error)
        return None
    try:
        return settle_inner(value, kind, field, path, errors)
    except NullError:
        return None


def settle_inner(
    value: object,
    kind: GraphQLOutputType,
    field: FieldSelection,
    path: Path,
    errors: list[GraphQLError],
) -> Any:  # noqa: ANN401 -- a response value
    """Settle the items of a list, the fields of an object."""
    if isinstance(kind, GraphQLList) and isinstance(value, Sequence):
        return [
            settle_typed(item, kind.of_type, field, [*path, at], errors)
            for at, item in enumerate(value)
        ]
    if field.selection is not NOTHING and isinstance(value, dict):
        return settle_object(value, field.selection, path, errors)
    return value


def settle_object(
    value: Object, selection: ObjectSelection, path: Path, errors: list[GraphQLError]
) -> Object:
    """Settle each field of an object."""
    return {
        found.key: settle(value[found.key], found, [*path, found.key], errors)
        for found in selection.fields
    }
