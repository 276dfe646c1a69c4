"""Selections to plans: which columns in which order, and how rows become objects.

A plan is data, made once for a selection and good for every request: it holds no
values, no SQL and no behaviour.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from gateway.query.document.selection import NOTHING, FieldSelection, ObjectSelection
from gateway.query.fields import ENTITIES, Embedded, Entity, Leaf, ToMany, ToOne
from gateway.query.values import Convert

# A table's name and a column's.
ColumnRef = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A leaf, from the row's values at some positions; null where the first is."""

    key: str
    positions: tuple[int, ...]
    convert: Convert | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """The same in every row: `__typename`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """An object of the same row; null where the value at `presence` is."""

    key: str
    presence: int
    plan: "ObjectPlan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """A connection; until it is read, its parents' key stands in its place."""

    key: str
    position: int
    plan: "ConnectionPlan"


Member = Value | Constant | Inner | Below


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectPlan:
    """How a row becomes an object, key by key in the order of the response.

    Two plans are the same only if they are one: that makes them keys of a cache.
    """

    selection: ObjectSelection
    members: tuple[Member, ...]

    @cached_property
    def has_connections(self) -> bool:
        """Tell whether a connection is asked for, here or further down in the row."""
        return any(
            isinstance(member, Below)
            or (isinstance(member, Inner) and member.plan.has_connections)
            for member in self.members
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPlan:
    """What is read from the rows of an entity, for one or more selections of it."""

    entity: Entity
    columns: tuple[ColumnRef, ...]
    objects: tuple[ObjectPlan, ...]


# Where a value is asked for: the response keys on the way to it.
Place = tuple[str, ...]

RUN_COLUMNS = (("jobs", "run_start_ms"), ("jobs", "run_end_ms"))
MODEL_COLUMN = "model_id"
# What the facets of a list count by.
FACET_COLUMNS = {
    "status": "status",
    "source": "source",
    "category": "category",
    "model": MODEL_COLUMN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetsPlan:
    """What is asked of a list's facets.

    Attributes:
        fields: Each `facets` that is asked for.
        columns: What they count by, all of them together.
        models: What is asked of the models among the values.
    """

    fields: tuple[FieldSelection, ...]
    columns: tuple[str, ...]
    models: Mapping[Place, RowsPlan]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConnectionPlan:
    """A connection: its rows, and what is asked beside them.

    `rows.objects` are the plans of `nodes` and of each `node` of `edges`, in the order
    in which the selection names them.

    Attributes:
        is_constant: Whether its arguments are the same in every request.
        bounded_counts: Each `countUpTo` that is asked for.
        run_at: Where a row has the start and the end of its run, if parts of runs are
            asked for.
    """

    field: FieldSelection
    is_constant: bool
    parent_key: str | None
    rows: RowsPlan
    wants_rows: bool
    wants_count: bool
    wants_next: bool
    wants_previous: bool
    wants_cursors: bool
    bounded_counts: tuple[FieldSelection, ...]
    facets: FacetsPlan
    run_at: tuple[int, int] | None


class Layout:
    """The columns of a row, while they are being laid out."""

    def __init__(self) -> None:
        self.positions: dict[ColumnRef, int] = {}

    def place(self, table: str, column: str) -> int:
        """Give the position of a column, appending it where it is new."""
        return self.positions.setdefault((table, column), len(self.positions))


def plan_connection(field: FieldSelection, source: ToMany) -> ConnectionPlan:
    """Plan a field that gives a connection."""
    selection = field.selection
    infos = [name for info in selection.named("pageInfo") for name in names_in(info)]
    edges = [name for edge in selection.named("edges") for name in names_in(edge)]
    names = {found.name for found in selection.fields}
    also = RUN_COLUMNS if "lengthMs" in edges else ()
    rows = plan_rows(ENTITIES[source.entity], nodes_of(selection), also)
    return ConnectionPlan(
        field=field,
        is_constant=not field.has_variables,
        parent_key=source.parent_key,
        rows=rows,
        wants_rows=not names.isdisjoint({"nodes", "edges", "pageInfo"}),
        wants_count="totalCount" in names,
        wants_next="hasNextPage" in infos,
        wants_previous="hasPreviousPage" in infos,
        wants_cursors="cursor" in edges
        or not {"startCursor", "endCursor"}.isdisjoint(infos),
        bounded_counts=tuple(selection.named("countUpTo")),
        facets=plan_facets(tuple(selection.named("facets"))),
        run_at=(rows.columns.index(also[0]), rows.columns.index(also[1]))
        if also
        else None,
    )


def plan_facets(fields: tuple[FieldSelection, ...]) -> FacetsPlan:
    """Plan the facets of a connection."""
    facets = [
        (parent, facet)
        for parent in fields
        for facet in parent.selection.fields
        if facet.name in FACET_COLUMNS
    ]
    names = {facet.name for _, facet in facets}
    return FacetsPlan(
        fields=fields,
        columns=tuple(FACET_COLUMNS[name] for name in FACET_COLUMNS if name in names),
        models={
            (parent.key, facet.key, value.key): plan_rows(
                ENTITIES["Model"], [value.selection]
            )
            for parent, facet in facets
            for value in facet.selection.fields
            if value.selection is not NOTHING
        },
    )


def names_in(field: FieldSelection) -> list[str]:
    """Name the fields asked of an object."""
    return [found.name for found in field.selection.fields]


def nodes_of(connection: ObjectSelection) -> list[ObjectSelection]:
    """Give what is asked of a connection's nodes, wherever it is asked."""
    found: list[FieldSelection] = []
    for field in connection.fields:
        if field.name == "nodes":
            found.append(field)
        elif field.name == "edges":
            found.extend(field.selection.named("node"))
    return [node.selection for node in found]


def plan_rows(
    entity: Entity,
    selections: Iterable[ObjectSelection],
    also: Iterable[ColumnRef] = (),
) -> RowsPlan:
    """Plan the rows of an entity, with columns beside those that are selected."""
    layout = Layout()
    objects = tuple(plan_object(found, entity.table, layout) for found in selections)
    for table, column in also:
        layout.place(table, column)
    return RowsPlan(entity=entity, columns=tuple(layout.positions), objects=objects)


def plan_object(selection: ObjectSelection, table: str, layout: Layout) -> ObjectPlan:
    """Plan one object of a row."""
    return ObjectPlan(
        selection=selection,
        members=tuple(
            plan_member(field, selection, table, layout) for field in selection.fields
        ),
    )


def plan_member(
    field: FieldSelection, parent: ObjectSelection, table: str, layout: Layout
) -> Member:
    """Plan one key of an object, laying out the columns it needs."""
    inner = field.selection
    match field.source:
        case Leaf(columns=columns, table=own, convert=convert):
            positions = tuple(layout.place(own or table, name) for name in columns)
            return Value(key=field.key, positions=positions, convert=convert)
        case Embedded(presence=column):
            presence = layout.place(table, column)
            plan = plan_object(inner, table, layout)
            return Inner(key=field.key, presence=presence, plan=plan)
        case ToOne(entity=name):
            target = ENTITIES[name]
            presence = layout.place(target.table, target.key)
            plan = plan_object(inner, target.table, layout)
            return Inner(key=field.key, presence=presence, plan=plan)
        case ToMany(parent_key=str(column)):
            position = layout.place(table, column)
            below = plan_connection(field, field.source)
            return Below(key=field.key, position=position, plan=below)
        case _:
            return Constant(key=field.key, value=parent.type_name)
