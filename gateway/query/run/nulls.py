"""Null propagation: failed values to errors with paths, and to nulls.

This is "Handling Execution Errors" of the GraphQL spec: a failed non-null field makes
its parent null, up to the first nullable one. It runs only where a value failed.
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
from gateway.query.run.shape import Failure, Object

Path = list[str | int]


class NullError(Exception):
    """A value of a non-null type is null."""


def complete_field(
    value: object, field: FieldSelection, path: Path, errors: list[GraphQLError]
) -> Any:  # noqa: ANN401 -- a response value
    """Replace failed values inside a field's value by null, and add their errors.

    Args:
        value: The field's, or an item of it.
        field: The selected field.
        path: The path of the field, or of the item.
        errors: Takes the errors.

    Raises:
        NullError: The field is non-null and would be null.
    """
    if field.definition is None:
        return value
    value_type = field.definition.type
    list_type = get_nullable_type(value_type)
    if isinstance(path[-1], int) and isinstance(list_type, GraphQLList):
        value_type = list_type.of_type
    return complete_value(value, value_type, field, path, errors)


def complete_value(
    value: object,
    value_type: GraphQLOutputType,
    field: FieldSelection,
    path: Path,
    errors: list[GraphQLError],
) -> Any:  # noqa: ANN401 -- a response value
    """Complete a value of a type: the field's, or its item type."""
    if isinstance(value_type, GraphQLNonNull):
        found = complete_value(value, value_type.of_type, field, path, errors)
        if found is None:
            raise NullError
        return found
    if isinstance(value, Failure):
        nodes = value.nodes or [detail.node for detail in field.details]
        extensions = {"code": value.code.value}
        error = GraphQLError(value.message, nodes, path=path, extensions=extensions)
        errors.append(error)
        return None
    try:
        return complete_inner(value, value_type, field, path, errors)
    except NullError:
        return None


def complete_inner(
    value: object,
    value_type: GraphQLOutputType,
    field: FieldSelection,
    path: Path,
    errors: list[GraphQLError],
) -> Any:  # noqa: ANN401 -- a response value
    """Complete the items of a list, or the fields of an object."""
    if isinstance(value_type, GraphQLList) and isinstance(value, Sequence):
        return [
            complete_value(item, value_type.of_type, field, [*path, at], errors)
            for at, item in enumerate(value)
        ]
    if field.selection is not NOTHING and isinstance(value, dict):
        return complete_object(value, field.selection, path, errors)
    return value


def complete_object(
    value: Object, selection: ObjectSelection, path: Path, errors: list[GraphQLError]
) -> Object:
    """Complete each field of an object."""
    return {
        found.key: complete_field(value[found.key], found, [*path, found.key], errors)
        for found in selection.fields
    }
