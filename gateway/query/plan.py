"""Selections to plans: which columns in which order, and how rows become objects.

A plan is data, made once for a selection and good for every request: it holds no
values, no SQL and no behaviour.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.query.selection import FieldSelection, ObjectSelection
from gateway.query.sources import ENTITIES, Embedded, Entity, Leaf, ToMany, ToOne
from gateway.query.values import Convert

__all__ = [
    "ColumnRef",
    "Computed",
    "ConnectionPlan",
    "ObjectPlan",
    "RowsPlan",
    "plan_connection",
    "plan_rows",
]

# A table's name and a column's.
ColumnRef = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A leaf made of several columns, by their positions in the row."""

    key: str
    positions: tuple[int, ...]
    convert: Convert


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPlan:
    """How a row becomes an object.

    The object's keys stand in the row from `start` on, in order, so that most of it is
    one `zip`; the other members say what then replaces some of its values.

    Attributes:
        converts: Keys whose one value is converted.
        constants: Keys whose value is the same in every row: `__typename`.
        objects: Keys that hold an object of the same row, null where the value that
            stands at the key is null.
        connections: Keys that hold a connection; the value that stands there is the
            parent key of its rows.
    """

    selection: ObjectSelection
    keys: tuple[str, ...]
    start: int
    converts: tuple[tuple[str, Convert], ...]
    computed: tuple[Computed, ...]
    constants: tuple[tuple[str, str], ...]
    objects: tuple[tuple[str, "ObjectPlan"], ...]
    connections: tuple[tuple[str, "ConnectionPlan"], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPlan:
    """What is read from the rows of an entity, for one or more selections of it."""

    entity: Entity
    columns: tuple[ColumnRef, ...]
    objects: tuple[ObjectPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPlan:
    """A connection: its rows, and what is asked beside them.

    `rows.objects` are the plans of `nodes` and of each `node` of `edges`, in the order
    in which the selection names them.
    """

    field: FieldSelection
    parent_key: str | None
    rows: RowsPlan
    wants_rows: bool
    wants_count: bool
    wants_next: bool
    wants_previous: bool
    wants_cursors: bool


class Layout:
    """The columns of a row, while they are being laid out."""

    def __init__(self) -> None:
        self.columns: list[ColumnRef] = []

    def add(self, table: str, column: str) -> int:
        """Append a column and give its position."""
        self.columns.append((table, column))
        return len(self.columns) - 1


def plan_connection(field: FieldSelection, source: ToMany) -> ConnectionPlan:
    """Plan a field that gives a connection."""
    selection = field.selection
    if selection is None:
        raise TypeError(f"{field.name} is no object")
    infos = [name for info in selection.named("pageInfo") for name in names_in(info)]
    edges = [name for edge in selection.named("edges") for name in names_in(edge)]
    names = {found.name for found in selection.fields}
    return ConnectionPlan(
        field=field,
        parent_key=source.parent_key,
        rows=plan_rows(ENTITIES[source.entity], nodes_of(selection)),
        wants_rows=not names.isdisjoint({"nodes", "edges", "pageInfo"}),
        wants_count="totalCount" in names,
        wants_next="hasNextPage" in infos,
        wants_previous="hasPreviousPage" in infos,
        wants_cursors="cursor" in edges
        or not {"startCursor", "endCursor"}.isdisjoint(infos),
    )


def names_in(field: FieldSelection) -> list[str]:
    """Name the fields asked of an object."""
    return [found.name for found in field.selection.fields] if field.selection else []


def nodes_of(connection: ObjectSelection) -> list[ObjectSelection]:
    """Give what is asked of a connection's nodes, wherever it is asked."""
    found: list[FieldSelection] = []
    for field in connection.fields:
        if field.name == "nodes":
            found.append(field)
        elif field.name == "edges" and field.selection:
            found.extend(field.selection.named("node"))
    return [node.selection for node in found if node.selection]


def plan_rows(entity: Entity, selections: Iterable[ObjectSelection]) -> RowsPlan:
    """Plan the rows of an entity."""
    layout = Layout()
    objects = tuple(plan_object(found, entity.table, layout) for found in selections)
    return RowsPlan(entity=entity, columns=tuple(layout.columns), objects=objects)


def plan_object(selection: ObjectSelection, table: str, layout: Layout) -> ObjectPlan:
    """Plan one object of a row: a column for each key, then what else it needs."""
    start = len(layout.columns)
    for field in selection.fields:
        layout.add(*first_column(field, table))
    leaves = [
        (field.key, field.source)
        for field in selection.fields
        if isinstance(field.source, Leaf)
    ]
    return ObjectPlan(
        selection=selection,
        keys=tuple(field.key for field in selection.fields),
        start=start,
        converts=tuple(
            (key, leaf.convert)
            for key, leaf in leaves
            if leaf.convert and len(leaf.columns) == 1
        ),
        computed=tuple(
            plan_computed(key, leaf, table, layout)
            for key, leaf in leaves
            if len(leaf.columns) > 1
        ),
        constants=tuple(
            (field.key, selection.type_name)
            for field in selection.fields
            if field.definition is None
        ),
        objects=tuple(plan_objects(selection, table, layout)),
        connections=tuple(
            (field.key, plan_connection(field, field.source))
            for field in selection.fields
            if isinstance(field.source, ToMany)
        ),
    )


def plan_objects(
    selection: ObjectSelection, table: str, layout: Layout
) -> Iterable[tuple[str, ObjectPlan]]:
    """Plan the objects that come in the same row."""
    for field in selection.fields:
        if field.selection is None:
            continue
        match field.source:
            case ToOne(entity=entity):
                target = ENTITIES[entity].table
                yield field.key, plan_object(field.selection, target, layout)
            case Embedded():
                yield field.key, plan_object(field.selection, table, layout)
            case _:
                pass


def first_column(field: FieldSelection, table: str) -> ColumnRef:
    """Name the column whose value stands at a field's key before it is replaced."""
    match field.source:
        case Leaf(columns=(column, *_), table=own):
            return own or table, column
        case Embedded(presence=column):
            return table, column
        case ToOne(entity=entity):
            return ENTITIES[entity].table, ENTITIES[entity].key
        case ToMany(parent_key=str(column)):
            return table, column
        case _:
            return table, "account"


def plan_computed(key: str, leaf: Leaf, table: str, layout: Layout) -> Computed:
    """Plan a leaf of several columns."""
    if leaf.convert is None:
        raise TypeError(f"{key} has several columns and nothing to join them")
    return Computed(
        key=key,
        positions=tuple(layout.add(leaf.table or table, c) for c in leaf.columns),
        convert=leaf.convert,
    )
