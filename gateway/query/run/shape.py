"""Rows to objects of response values.

`shape_objects` runs source that is generated for a plan; where a value breaks, and in
the tests that compare the two, `shape_plainly` does the same with a loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import Node

from gateway.errors import ErrorCode
from gateway.query.plan.plan import Below, Constant, Inner, Member, ObjectPlan, Value
from gateway.query.run.generated import to_shaper
from gateway.query.values import Convert
from gateway.store.engine import Row

# What the client gets: by response key, in the order of the selection.
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """Stands for a value that a field does not have, until errors are settled.

    Attributes:
        nodes: What in the document is wrong, where it is not the field itself.
    """

    message: str
    code: ErrorCode = ErrorCode.INTERNAL_SERVER_ERROR
    nodes: Sequence[Node] = ()


def shape_objects(
    plan: ObjectPlan, rows: Sequence[Row], broken: list[Broken]
) -> list[Object]:
    """Make an object of each row; connections hold the parent key until they are read.

    Args:
        plan: What the rows' columns mean.
        rows: As the driver gave them.
        broken: Takes what could not be converted, which also stands in the object.
    """
    if not rows:
        return []
    try:
        return to_shaper(plan, len(rows[0]))(rows)
    except ValueError:
        return shape_plainly(plan, rows, broken)


def shape_plainly(
    plan: ObjectPlan, rows: Sequence[Row], broken: list[Broken]
) -> list[Object]:
    """Make an object of each row, whatever breaks; see `shape_objects`."""
    return [shape_row(plan, row, broken) for row in rows]


def shape_row(plan: ObjectPlan, row: Row, broken: list[Broken]) -> Object:
    """Make the object of one row."""
    return {member.key: to_value(member, row, broken) for member in plan.members}


def to_value(member: Member, row: Row, broken: list[Broken]) -> object:
    """Make the value at one key."""
    match member:
        case Constant(value=value):
            return value
        case Below(position=position):
            return row[position]
        case Inner(presence=presence, plan=inner):
            return None if row[presence] is None else shape_row(inner, row, broken)
        case Value():
            return to_leaf(member, row, broken)


def to_leaf(member: Value, row: Row, broken: list[Broken]) -> object:
    """Convert a leaf, or note that it cannot be."""
    values = [row[at] for at in member.positions]
    return convert_or_break(member.convert, values, broken)


def convert_or_break(
    convert: Convert | None, values: Sequence[Any], broken: list[Broken]
) -> object:
    """Convert values to one response value, or note that they cannot be.

    Args:
        convert: None leaves the first as it is.
        values: Null where the first is.
        broken: Takes what could not be converted, which is also the result.
    """
    if values[0] is None or convert is None:
        return values[0]
    try:
        return convert(*values)
    except ValueError as exc:
        broken.append(Broken(str(exc)))
        return broken[-1]
