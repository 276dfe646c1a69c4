"""The spec's rules for errors: what becomes null, and which errors there are."""

from typing import Any

import pytest
from graphql import FieldNode, GraphQLError, GraphQLObjectType, build_schema, parse
from graphql.execution.collect_fields import FieldDetails

from gateway.errors import ErrorCode
from gateway.query.document.selection import NOTHING, FieldSelection, ObjectSelection
from gateway.query.run.nulls import NullError, complete_field
from gateway.query.run.shape import Failure

SCHEMA = build_schema("""
    type Query { maybe: Item must: Item! items: [Item] every: [Item!] all: [Item!]! }
    type Item { maybe: Int must: Int! inner: Item }
""")
BROKEN = Failure("it broke")


def selection_of(node: FieldNode, parent: GraphQLObjectType) -> FieldSelection:
    name = node.name.value
    definition = parent.fields[name]
    inner = node.selection_set.selections if node.selection_set else ()
    item = SCHEMA.get_type("Item")
    assert isinstance(item, GraphQLObjectType)
    return FieldSelection(
        key=node.alias.value if node.alias else name,
        name=name,
        details=[FieldDetails(node, None)],
        definition=definition,
        source=None,
        selection=ObjectSelection(
            type_name="Item",
            fields=tuple(
                selection_of(found, item)
                for found in inner
                if isinstance(found, FieldNode)
            ),
        )
        if inner
        else NOTHING,
    )


def settle_text(text: str, value: object) -> tuple[Any, list[GraphQLError]]:
    (operation,) = parse(text).definitions
    (node,) = operation.selection_set.selections  # type: ignore[attr-defined]  # an operation
    assert SCHEMA.query_type is not None
    field = selection_of(node, SCHEMA.query_type)
    errors: list[GraphQLError] = []
    return complete_field(value, field, [field.key], errors), errors


@pytest.mark.parametrize(
    ("text", "value", "expected", "paths"),
    [
        ("{ maybe { maybe } }", {"maybe": 1}, {"maybe": 1}, []),
        ("{ maybe { maybe } }", None, None, []),
        (
            "{ maybe { maybe } }",
            {"maybe": BROKEN},
            {"maybe": None},
            [["maybe", "maybe"]],
        ),
        ("{ maybe { must } }", {"must": BROKEN}, None, [["maybe", "must"]]),
        ("{ a: maybe { b: must } }", {"b": BROKEN}, None, [["a", "b"]]),
        ("{ maybe { maybe } }", BROKEN, None, [["maybe"]]),
        (
            "{ items { must } }",
            [{"must": 1}, {"must": BROKEN}, None],
            [{"must": 1}, None, None],
            [["items", 1, "must"]],
        ),
        (
            "{ every { must } }",
            [{"must": 1}, {"must": BROKEN}, {"must": BROKEN}],
            None,
            [["every", 1, "must"]],
        ),
        (
            "{ maybe { inner { must } maybe } }",
            {"inner": {"must": BROKEN}, "maybe": BROKEN},
            {"inner": None, "maybe": None},
            [["maybe", "inner", "must"], ["maybe", "maybe"]],
        ),
    ],
)
def test_a_broken_value_makes_the_nearest_nullable_place_null(
    text: str, value: object, expected: object, paths: list[list[str | int]]
) -> None:
    settled, errors = settle_text(text, value)
    assert settled == expected
    assert [error.path for error in errors] == paths


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{ must { must } }", {"must": BROKEN}),
        ("{ must { must } }", BROKEN),
        ("{ all { must } }", [{"must": 1}, {"must": BROKEN}]),
    ],
)
def test_where_no_place_is_nullable_the_field_is_nulled(
    text: str, value: object
) -> None:
    with pytest.raises(NullError):
        settle_text(text, value)


def test_an_error_says_what_broke_where_in_the_document() -> None:
    _, (error,) = settle_text("{ maybe { maybe } }", {"maybe": BROKEN})
    assert error.message == "it broke"
    assert error.extensions == {"code": "INTERNAL_SERVER_ERROR"}
    assert [place.column for place in error.locations or ()] == [11]


def test_an_error_has_the_code_of_what_broke() -> None:
    broken = Failure("first is -1", ErrorCode.BAD_USER_INPUT)
    _, (error,) = settle_text("{ maybe { maybe } }", broken)
    assert error.extensions == {"code": "BAD_USER_INPUT"}
