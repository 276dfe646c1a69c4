"""Plans to response values: one statement per connection and level, never per row."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import replace
from typing import Any

from graphql import GraphQLError

from gateway.errors import InputError
from gateway.query.document.selection import coerce_arguments
from gateway.query.plan.filters import Filter, any_of
from gateway.query.plan.pages import PagePlan, RunWindow, plan_constant_page, plan_page
from gateway.query.plan.plan import ConnectionPlan, Inline, Nested, ObjectPlan, RowsPlan
from gateway.query.plan.shapes import KEYS, LookupShape, PageShape
from gateway.query.run.counts import count_all, read_bounded_counts
from gateway.query.run.edges import ROOTS, PageData, group_by_parent, make_connection
from gateway.query.run.facets import read_facets
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Failure, Object, shape_objects
from gateway.query.sql.pages import select_by_identity, select_page
from gateway.store.engine import Row


async def read_connections(
    reading: Reading,
    plan: ConnectionPlan,
    parents: Sequence[Any] = ROOTS,
    extra: Filter | None = None,
    window: RunWindow | None = None,
) -> Mapping[Any, Object | Failure]:
    """Read the connections of all parents in one statement.

    Invalid arguments fail the connection of each parent; without parents they are no
    error, since GraphQL does not execute a field of an object that is not there.

    Args:
        reading: What to read with.
        plan: The connection.
        parents: The keys of the parents; a connection at the root has one, `ROOT`.
        extra: A filter beside the `filter` argument.
        window: The window that `lengthMs` of edges measures.
    """
    if not parents:
        return {}
    try:
        with reading.timings.measure("plan"):
            page = replace(find_page(reading, plan, extra), window=window)
            if plan.parent_key is not None:
                page = replace(page, values={**page.values, KEYS: list(parents)})
    except (InputError, GraphQLError) as exc:
        return dict.fromkeys(parents, reading.fail(exc))
    parts = await read_page_data(reading, plan, page, parents)
    with reading.timings.measure("shape"):
        return {
            parent: make_connection(plan, page, parts[parent], reading.failures)
            for parent in parents
        }


def find_page(reading: Reading, plan: ConnectionPlan, extra: Filter | None) -> PagePlan:
    """Plan the page that is asked for, or find it in the cache.

    Raises:
        InputError: See `plan_page`.
        GraphQLError: An argument is of the wrong type.
    """
    if plan.is_constant and extra is None:
        return plan_constant_page(plan, reading.tenant, reading.page_sizes)
    arguments = coerce_arguments(plan.field, reading.variable_values)
    return plan_page(plan, arguments, reading.tenant, reading.page_sizes, extra)


async def read_page_data(
    reading: Reading, plan: ConnectionPlan, page: PagePlan, parents: Sequence[Any]
) -> Mapping[Any, PageData]:
    """Read what the selection of a connection needs, and nothing else."""
    rows: Mapping[Any, Sequence[Row]] = {}
    if plan.wants_rows:
        found = await reading.fetch(page.values, select_page, page.shape)
        rows = group_by_parent(found, plan)
    trimmed = {parent: trim_rows(rows.get(parent, ()), page) for parent in parents}
    objects = await read_node_values(reading, plan, trimmed)
    counts = await count_all(reading, plan, page) if plan.wants_count else {}
    bounded: Mapping[Any, Mapping[str, object]] = {}
    if plan.bounded_counts:
        bounded = await read_bounded_counts(reading, plan, page, parents)
    facets: Mapping[Any, Mapping[str, object]] = {}
    if plan.facets.fields:
        facets = await read_facets(reading, plan, page, parents, read_objects_by_key)
    nexts, previous = await read_neighbours(reading, plan, page, rows)
    return {
        parent: PageData(
            rows=trimmed[parent],
            objects=objects[parent],
            has_next=parent in nexts,
            has_previous=parent in previous,
            count=counts.get(parent, 0),
            bounded_counts=bounded.get(parent, {}),
            facets=facets.get(parent, {}),
        )
        for parent in parents
    }


async def read_objects_by_key(
    reading: Reading, rows: RowsPlan, numbers: Sequence[int]
) -> Mapping[int, Object]:
    """Look up objects by the key of their entity."""
    key = rows.entity.key
    restriction = any_of(key, numbers)
    found = await read_objects(
        reading, rows, restriction, identity=(key,), limit=len(numbers)
    )
    return {number: value for (number,), value in found.items()}


async def read_node_values(
    reading: Reading, plan: ConnectionPlan, rows: Mapping[Any, Sequence[Row]]
) -> Mapping[Any, Sequence[Sequence[Object]]]:
    """Make the objects of all parents' rows at once, and split them by parent again."""
    flat = [row for found in rows.values() for row in found]
    with reading.timings.measure("shape"):
        columns = [
            shape_objects(each, flat, reading.failures) for each in plan.rows.objects
        ]
    for wanted, column in zip(plan.rows.objects, columns, strict=True):
        if wanted.has_connections:
            await read_children(reading, wanted, column)
    by_parent = {}
    start = 0
    for parent, found in rows.items():
        stop = start + len(found)
        by_parent[parent] = [column[start:stop] for column in columns]
        start = stop
    return by_parent


def trim_rows(rows: Sequence[Row], page: PagePlan) -> Sequence[Row]:
    """Drop the row beyond the page's size; put rows in the list's order."""
    trimmed = rows[: page.size]
    return trimmed[::-1] if page.is_backward else trimmed


async def read_neighbours(
    reading: Reading,
    plan: ConnectionPlan,
    page: PagePlan,
    rows: Mapping[Any, Sequence[Row]],
) -> tuple[AbstractSet[Any], AbstractSet[Any]]:
    """Tell for which parents there are rows after a page, and before it.

    Args:
        reading: What to read with.
        plan: The connection.
        page: The page.
        rows: The rows read for it by parent, one more than its size if there are more.
    """
    wants_behind, wants_ahead = plan.wants_previous, plan.wants_next
    if page.is_backward:
        wants_behind, wants_ahead = wants_ahead, wants_behind
    behind: AbstractSet[Any] = frozenset()
    ahead = {parent for parent, found in rows.items() if len(found) > page.size}
    if wants_behind and page.start is not None:
        backward = replace(page.shape, is_descending=not page.shape.is_descending)
        behind = await read_parents_from(reading, plan, page, backward, page.start)
    if wants_ahead and page.stop is not None:
        ahead |= await read_parents_from(reading, plan, page, page.shape, page.stop)
    return (behind, ahead) if page.is_backward else (ahead, behind)


async def read_parents_from(
    reading: Reading,
    plan: ConnectionPlan,
    page: PagePlan,
    shape: PageShape,
    position: tuple[int | str, int],
) -> frozenset[Any]:
    """Tell which parents have a row at a position or beyond it."""
    one = replace(shape, columns=(), is_after=False, is_before=False, is_from=True)
    values = {
        **page.values,
        "after_value": position[0],
        "after_key": position[1],
        "limit": 1,
    }
    rows = await reading.fetch(values, select_page, one)
    return frozenset(key for key, found in group_by_parent(rows, plan).items() if found)


async def read_children(
    reading: Reading, plan: ObjectPlan, objects: Sequence[Object]
) -> None:
    """Replace the parent keys in objects by their connections."""
    for member in plan.members:
        match member:
            case Nested(key=key, plan=connection):
                parents = list(dict.fromkeys(found[key] for found in objects))
                found_by = await read_connections(reading, connection, parents)
                for found in objects:
                    found[key] = found_by[found[key]]
            case Inline(key=key, plan=inner) if inner.has_connections:
                children = [found[key] for found in objects if found[key] is not None]
                await read_children(reading, inner, children)
            case _:
                pass


async def read_objects(
    reading: Reading,
    rows: RowsPlan,
    restriction: Filter,
    *,
    identity: tuple[str, ...],
    limit: int,
) -> Mapping[Row, Object]:
    """Look up objects by what identifies them.

    Args:
        reading: What to read with.
        rows: The columns to read, for one selection.
        restriction: Which rows.
        identity: The columns whose values are the keys of the result.
        limit: The most rows to read.
    """
    own = tuple((rows.entity.table, column) for column in identity)
    shape = LookupShape(
        entity=rows.entity,
        columns=(*rows.columns, *own),
        in_project=reading.tenant.project_id is not None,
        predicates=restriction.predicates,
    )
    values = {**reading.tenant.values, **restriction.values, "limit": limit}
    found = await reading.fetch(values, select_by_identity, shape)
    (plan,) = rows.objects
    with reading.timings.measure("shape"):
        objects = shape_objects(plan, found, reading.failures)
    if plan.has_connections:
        await read_children(reading, plan, objects)
    keys = (tuple(row[len(rows.columns) :]) for row in found)
    return dict(zip(keys, objects, strict=True))
