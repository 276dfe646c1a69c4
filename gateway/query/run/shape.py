"""Rows to objects of response values.

`shape_objects` runs source that is generated for a plan; where a value fails, and in
the tests that compare the two, `shape_plainly` does the same with a loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import Node

from gateway.errors import ErrorCode
from gateway.query.plan.plan import Constant, Inline, Member, Nested, ObjectPlan, Scalar
from gateway.query.run.generated import compile_shaper
from gateway.query.values import Convert
from gateway.store.engine import Row

# Response values by response key, in the order of the selection.
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """Stands for a value whose field failed, until nulls are propagated.

    Attributes:
        nodes: The invalid nodes of the document, where it is not the field itself.
    """

    message: str
    code: ErrorCode = ErrorCode.INTERNAL_SERVER_ERROR
    nodes: Sequence[Node] = ()


def shape_objects(
    plan: ObjectPlan, rows: Sequence[Row], failures: list[Failure]
) -> list[Object]:
    """Make an object of each row; connections hold the parent key until they are read.

    Args:
        plan: How a row becomes an object.
        rows: As the driver gave them.
        failures: Takes the values that failed, which are also in the objects.
    """
    if not rows:
        return []
    try:
        return compile_shaper(plan, len(rows[0]))(rows)
    except ValueError:
        return shape_plainly(plan, rows, failures)


def shape_plainly(
    plan: ObjectPlan, rows: Sequence[Row], failures: list[Failure]
) -> list[Object]:
    """Make an object of each row, where values may fail; see `shape_objects`."""
    return [shape_row(plan, row, failures) for row in rows]


def shape_row(plan: ObjectPlan, row: Row, failures: list[Failure]) -> Object:
    """Make the object of one row."""
    return {member.key: make_value(member, row, failures) for member in plan.members}


def make_value(member: Member, row: Row, failures: list[Failure]) -> object:
    """Make the value of one key."""
    match member:
        case Constant(value=value):
            return value
        case Nested(position=position):
            return row[position]
        case Inline(presence=presence, plan=inner):
            return None if row[presence] is None else shape_row(inner, row, failures)
        case Scalar():
            return make_leaf(member, row, failures)


def make_leaf(member: Scalar, row: Row, failures: list[Failure]) -> object:
    """Convert a leaf, or record its failure."""
    values = [row[at] for at in member.positions]
    return convert_or_fail(member.convert, values, failures)


def convert_or_fail(
    convert: Convert | None, values: Sequence[Any], failures: list[Failure]
) -> object:
    """Convert values of columns to one response value, or record the failure.

    Args:
        convert: None keeps the first value as it is.
        values: The result is null if the first is.
        failures: Takes the failed value, which is also the result.
    """
    if values[0] is None or convert is None:
        return values[0]
    try:
        return convert(*values)
    except ValueError as exc:
        failures.append(Failure(str(exc)))
        return failures[-1]
