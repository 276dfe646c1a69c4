"""Rows to objects of response values.

Values are converted a column at a time, in tight loops.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import Node

from gateway.errors import ErrorCode
from gateway.query.plan import Computed, ObjectPlan
from gateway.query.values import Convert
from gateway.store.engine import Row

__all__ = ["Broken", "Object", "shape_objects"]

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
    keys, start = plan.keys, plan.start
    stop = start + len(keys)
    objects = [dict(zip(keys, row[start:stop], strict=True)) for row in rows]
    for key, convert in plan.converts:
        convert_column(objects, key, convert, broken)
    for computed in plan.computed:
        compute_column(objects, rows, computed)
    for key, constant in plan.constants:
        for found in objects:
            found[key] = constant
    for key, inner in plan.objects:
        for found, value in zip(
            objects, shape_objects(inner, rows, broken), strict=True
        ):
            if found[key] is not None:
                found[key] = value
    return objects


def convert_column(
    objects: list[Object], key: str, convert: Convert, broken: list[Broken]
) -> None:
    """Convert the value at a key of each object."""
    try:
        for found in objects:
            value = found[key]
            if value is not None:
                found[key] = convert(value)
    except ValueError:
        convert_one_by_one(objects, key, convert, broken)


def convert_one_by_one(
    objects: list[Object], key: str, convert: Convert, broken: list[Broken]
) -> None:
    """Convert what is not yet converted, each value on its own.

    The converters that can fail give back what they take, so those before the failure
    may be converted again.
    """
    for found in objects:
        if found[key] is None:
            continue
        try:
            found[key] = convert(found[key])
        except ValueError as exc:
            found[key] = Broken(str(exc))
            broken.append(found[key])


def compute_column(
    objects: list[Object], rows: Sequence[Row], computed: Computed
) -> None:
    """Join several columns into the value at a key, null where the first is null."""
    key, convert, positions = computed.key, computed.convert, computed.positions
    first = positions[0]
    for found, row in zip(objects, rows, strict=True):
        if row[first] is not None:
            found[key] = convert(*(row[at] for at in positions))
