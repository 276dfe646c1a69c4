"""Selections to plans: which columns in which order, and how rows become objects.

A plan is data, made once for a selection and used by every request: it holds no values
and no SQL.
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
class Scalar:
    """A leaf, from the row's values at some positions; null if the first is."""

    key: str
    positions: tuple[int, ...]
    convert: Convert | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A value that is the same in every row: `__typename`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """An object from the same row; null if the value at `presence` is."""

    key: str
    presence: int
    plan: "ObjectPlan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """A connection; until it is read, its value is the parent's key."""

    key: str
    position: int
    plan: "ConnectionPlan"


Member = Scalar | Constant | Inline | Nested


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectPlan:
    """How a row becomes an object, key by key in the order of the response.

    Plans compare by identity, which makes them fast cache keys.
    """

    selection: ObjectSelection
    members: tuple[Member, ...]

    @cached_property
    def has_connections(self) -> bool:
        """Tell whether the object, or one inside it, has a connection."""
        return any(
            isinstance(member, Nested)
            or (isinstance(member, Inline) and member.plan.has_connections)
            for member in self.members
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPlan:
    """The columns to read of an entity, for one or more selections of it."""

    entity: Entity
    columns: tuple[ColumnRef, ...]
    objects: tuple[ObjectPlan, ...]


# The response keys on the way to a value.
ResponsePath = tuple[str, ...]

RUN_COLUMNS = (("jobs", "run_start_ms"), ("jobs", "run_end_ms"))
MODEL_COLUMN = "model_id"
# The columns that facets count by, by field.
FACET_COLUMNS = {
    "status": "status",
    "source": "source",
    "category": "category",
    "model": MODEL_COLUMN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetsPlan:
    """The facets of a list.

    Attributes:
        fields: Each selection of `facets`.
        columns: All columns that they count by.
        models: The selections of models among the values, by response path.
    """

    fields: tuple[FieldSelection, ...]
    columns: tuple[str, ...]
    models: Mapping[ResponsePath, RowsPlan]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConnectionPlan:
    """A connection: its rows, and which counts and page information are selected.

    `rows.objects` are the plans of `nodes` and of each `node` of `edges`, in the order
    of the selection.

    Attributes:
        is_constant: Whether its arguments are the same in every request.
        bounded_counts: Each selection of `countUpTo`.
        run_at: The positions of a row's run start and end, if `lengthMs` is selected.
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
    """Assigns positions in a row to columns."""

    def __init__(self) -> None:
        self.positions: dict[ColumnRef, int] = {}

    def position(self, table: str, column: str) -> int:
        """Give the position of a column, appending it if it is new."""
        return self.positions.setdefault((table, column), len(self.positions))


def plan_connection(field: FieldSelection, source: ToMany) -> ConnectionPlan:
    """Plan a connection field."""
    selection = field.selection
    infos = [name for info in selection.named("pageInfo") for name in field_names(info)]
    edges = [name for edge in selection.named("edges") for name in field_names(edge)]
    names = {found.name for found in selection.fields}
    also = RUN_COLUMNS if "lengthMs" in edges else ()
    rows = plan_rows(ENTITIES[source.entity], node_selections(selection), also)
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


def field_names(field: FieldSelection) -> list[str]:
    """List the names of a field's subfields."""
    return [found.name for found in field.selection.fields]


def node_selections(connection: ObjectSelection) -> list[ObjectSelection]:
    """List the selections on a connection's nodes: of `nodes` and of `edges.node`."""
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
    """Plan the rows of an entity, with further columns beside the selected ones."""
    layout = Layout()
    objects = tuple(plan_object(found, entity.table, layout) for found in selections)
    for table, column in also:
        layout.position(table, column)
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
    """Plan one key of an object, and give its columns positions."""
    inner = field.selection
    match field.source:
        case Leaf(columns=columns, table=own, convert=convert):
            positions = tuple(layout.position(own or table, name) for name in columns)
            return Scalar(key=field.key, positions=positions, convert=convert)
        case Embedded(presence=column):
            presence = layout.position(table, column)
            plan = plan_object(inner, table, layout)
            return Inline(key=field.key, presence=presence, plan=plan)
        case ToOne(entity=name):
            target = ENTITIES[name]
            presence = layout.position(target.table, target.key)
            plan = plan_object(inner, target.table, layout)
            return Inline(key=field.key, presence=presence, plan=plan)
        case ToMany(parent_key=str(column)):
            position = layout.position(table, column)
            below = plan_connection(field, field.source)
            return Nested(key=field.key, position=position, plan=below)
        case _:
            return Constant(key=field.key, value=parent.type_name)
