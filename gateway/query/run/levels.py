"""Plans to response values: statements are run level by level, never row by row."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from graphql import GraphQLError

from gateway.errors import ErrorCode, InputError
from gateway.query.document.selection import read_arguments
from gateway.query.plan.filters import Filter, any_of
from gateway.query.plan.pages import Page, RunWindow, plan_constant_page, plan_page
from gateway.query.plan.plan import Below, ConnectionPlan, Inner, ObjectPlan, RowsPlan
from gateway.query.plan.shapes import KEYS, LookupShape, PageShape
from gateway.query.run.counts import ROOT, ROOTS, read_bounded_counts, read_counts
from gateway.query.run.edges import Part, to_connection
from gateway.query.run.facets import read_facets
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Broken, Object, shape_objects
from gateway.query.sql.pages import select_by_identity, select_page
from gateway.store.engine import Row


async def read_connections(
    reading: Reading,
    plan: ConnectionPlan,
    parents: Sequence[Any] = ROOTS,
    extra: Filter | None = None,
    window: RunWindow | None = None,
) -> Mapping[Any, Object | Broken]:
    """Read the connection of each parent, all of them in one statement.

    Arguments that cannot be answered break the connection where there is a parent: as
    in GraphQL at large, a field that nothing has is not in error.

    Args:
        reading: What to read with.
        plan: The connection; its arguments are those of its own field.
        parents: The keys of the parents; a connection at the root has one, `ROOT`.
        extra: What restricts the rows beside the `filter` argument.
        window: What the rows are the jobs of, if their parts of it are to be told.
    """
    if not parents:
        return {}
    try:
        with reading.timings.measure("plan"):
            page = replace(find_page(reading, plan, extra), window=window)
            if plan.parent_key is not None:
                page = replace(page, values={**page.values, KEYS: list(parents)})
    except InputError as exc:
        return dict.fromkeys(parents, reading.break_at(Broken(exc.message, exc.code)))
    except GraphQLError as exc:
        broken = Broken(exc.message, ErrorCode.BAD_USER_INPUT, exc.nodes or ())
        return dict.fromkeys(parents, reading.break_at(broken))
    parts = await read_parts(reading, plan, page, parents)
    with reading.timings.measure("shape"):
        return {
            parent: to_connection(plan, page, parts[parent], reading.broken)
            for parent in parents
        }


def find_page(reading: Reading, plan: ConnectionPlan, extra: Filter | None) -> Page:
    """Plan the page that is asked for.

    Raises:
        InputError: See `plan_page`.
        GraphQLError: An argument is of the wrong type.
    """
    if plan.is_constant and extra is None:
        return plan_constant_page(plan, reading.tenant, reading.page_sizes)
    arguments = read_arguments(plan.field, reading.variable_values)
    return plan_page(plan, arguments, reading.tenant, reading.page_sizes, extra)


async def read_parts(
    reading: Reading, plan: ConnectionPlan, page: Page, parents: Sequence[Any]
) -> Mapping[Any, Part]:
    """Read what the selection of a connection asks for, and nothing else."""
    rows: Mapping[Any, Sequence[Row]] = {}
    if plan.wants_rows:
        found = await reading.fetch(page.values, select_page, page.shape)
        rows = by_parent(found, plan)
    trimmed = {parent: trim(rows.get(parent, ()), page) for parent in parents}
    objects = await read_nodes(reading, plan, trimmed)
    counts = await read_counts(reading, plan, page) if plan.wants_count else {}
    bounded: Mapping[Any, Mapping[str, object]] = {}
    if plan.bounded_counts:
        bounded = await read_bounded_counts(reading, plan, page, parents)
    facets: Mapping[Any, Mapping[str, object]] = {}
    if plan.facets.fields:
        facets = await read_facets(reading, plan, page, parents, read_by_number)
    nexts, previous = await read_ends(reading, plan, page, rows)
    return {
        parent: Part(
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


async def read_by_number(
    reading: Reading, rows: RowsPlan, numbers: Sequence[int]
) -> Mapping[int, Object]:
    """Look up rows by the number they have within their account."""
    key = rows.entity.key
    restriction = any_of(key, numbers)
    found = await read_objects(
        reading, rows, restriction, identity=(key,), limit=len(numbers)
    )
    return {number: value for (number,), value in found.items()}


async def read_nodes(
    reading: Reading, plan: ConnectionPlan, rows: Mapping[Any, Sequence[Row]]
) -> Mapping[Any, Sequence[Sequence[Object]]]:
    """Make the objects of all parents' rows at once, and part them by parent again."""
    flat = [row for found in rows.values() for row in found]
    with reading.timings.measure("shape"):
        columns = [
            shape_objects(wanted, flat, reading.broken) for wanted in plan.rows.objects
        ]
    for wanted, column in zip(plan.rows.objects, columns, strict=True):
        if wanted.has_connections:
            await read_children(reading, wanted, column)
    parted = {}
    start = 0
    for parent, found in rows.items():
        stop = start + len(found)
        parted[parent] = [column[start:stop] for column in columns]
        start = stop
    return parted


def trim(rows: Sequence[Row], page: Page) -> Sequence[Row]:
    """Drop the row that only tells of more; put rows in the list's order."""
    kept = rows[: page.size]
    return kept[::-1] if page.is_backward else kept


def by_parent(rows: Sequence[Row], plan: ConnectionPlan) -> Mapping[Any, Sequence[Row]]:
    """Part rows by the parent that stands at their end."""
    if plan.parent_key is None:
        return {ROOT: rows}
    parent = itemgetter(-1)
    ordered = sorted(rows, key=parent)
    return {key: list(found) for key, found in groupby(ordered, key=parent)}


async def read_ends(
    reading: Reading,
    plan: ConnectionPlan,
    page: Page,
    rows: Mapping[Any, Sequence[Row]],
) -> tuple[AbstractSet[Any], AbstractSet[Any]]:
    """Tell for which parents there are rows after a page, and before it.

    Args:
        reading: What to read with.
        plan: The connection.
        page: The page; it is read backward for `last`.
        rows: Those that were read for the page, one more than it has where it goes on.
    """
    wants_behind, wants_ahead = plan.wants_previous, plan.wants_next
    if page.is_backward:
        wants_behind, wants_ahead = wants_ahead, wants_behind
    behind: AbstractSet[Any] = frozenset()
    ahead = {parent for parent, found in rows.items() if len(found) > page.size}
    if wants_behind and page.start is not None:
        turned = replace(page.shape, is_descending=not page.shape.is_descending)
        behind = await read_from(reading, plan, page, turned, page.start)
    if wants_ahead and page.stop is not None:
        ahead |= await read_from(reading, plan, page, page.shape, page.stop)
    return (behind, ahead) if page.is_backward else (ahead, behind)


async def read_from(
    reading: Reading,
    plan: ConnectionPlan,
    page: Page,
    shape: PageShape,
    position: tuple[int | str, int],
) -> frozenset[Any]:
    """Tell which parents have a row from a position on."""
    one = replace(shape, columns=(), is_after=False, is_before=False, is_from=True)
    values = {
        **page.values,
        "after_value": position[0],
        "after_key": position[1],
        "limit": 1,
    }
    rows = await reading.fetch(values, select_page, one)
    return frozenset(key for key, found in by_parent(rows, plan).items() if found)


async def read_children(
    reading: Reading, plan: ObjectPlan, objects: Sequence[Object]
) -> None:
    """Replace the parent keys in objects by their connections."""
    for member in plan.members:
        match member:
            case Below(key=key, plan=connection):
                parents = list(dict.fromkeys(found[key] for found in objects))
                found_by = await read_connections(reading, connection, parents)
                for found in objects:
                    found[key] = found_by[found[key]]
            case Inner(key=key, plan=inner) if inner.has_connections:
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
    """Look up rows by what identifies them.

    Args:
        reading: What to read with.
        rows: What to read, for one selection.
        restriction: Which rows.
        identity: The columns whose values tell the objects apart in the answer.
        limit: How many rows at the most.
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
        objects = shape_objects(plan, found, reading.broken)
    if plan.has_connections:
        await read_children(reading, plan, objects)
    keys = (tuple(row[len(rows.columns) :]) for row in found)
    return dict(zip(keys, objects, strict=True))
