"""Parts of pages to the values of connections, edges and page information."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.query.document.selection import FieldSelection, ObjectSelection
from gateway.query.plan.cursors import to_cursor
from gateway.query.plan.pages import Page
from gateway.query.plan.plan import ConnectionPlan
from gateway.query.run.shape import Broken, Object
from gateway.query.values import to_big_int, to_int
from gateway.store.engine import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The page of one parent, before it becomes a connection.

    Attributes:
        objects: For each `nodes` and `node` that is asked for, in the order of the
            selection, the objects of this page.
        tallies: The values of `countUpTo` and `facets`, by response key.
    """

    rows: Sequence[Row]
    objects: Sequence[Sequence[Object]]
    has_next: bool
    has_previous: bool
    count: int
    tallies: Mapping[str, object]


def to_connection(
    plan: ConnectionPlan, page: Page, part: Part, broken: list[Broken]
) -> Object:
    """Make the value of a connection.

    Args:
        plan: The connection.
        page: What was asked for.
        part: What was found.
        broken: Takes a count that `Int` cannot hold.
    """
    columns = iter(part.objects)
    makers: Mapping[str, Callable[[FieldSelection], object]] = {
        "nodes": lambda _: next(columns),
        "edges": lambda field: to_edges(field, plan, page, part, columns),
        "pageInfo": lambda field: to_page_info(fields_of(field), page, part),
        "totalCount": lambda _: to_count(part.count, broken),
        "countUpTo": lambda field: part.tallies[field.key],
        "facets": lambda field: part.tallies[field.key],
    }
    selection = fields_of(plan.field)
    return {
        found.key: makers[found.name](found)
        if found.definition
        else selection.type_name
        for found in selection.fields
    }


def fields_of(field: FieldSelection) -> ObjectSelection:
    """Give what is asked of an object; validation has seen to it that something is."""
    return field.selection or ObjectSelection(type_name="", fields=())


def to_edges(
    field: FieldSelection,
    plan: ConnectionPlan,
    page: Page,
    part: Part,
    columns: Iterator[Sequence[Object]],
) -> list[Object]:
    """Make the edges of a page, a key at a time."""
    selection = fields_of(field)
    edges: list[Object] = [{} for _ in part.rows]
    for found in selection.fields:
        values: Sequence[object]
        if found.name == "node":
            values = next(columns)
        elif found.name == "cursor":
            values = [cursor_of(row, page) for row in part.rows]
        elif found.name == "lengthMs":
            values = to_lengths(plan, page, part.rows)
        else:
            values = [selection.type_name] * len(edges)
        for edge, value in zip(edges, values, strict=True):
            edge[found.key] = value
    return edges


def to_lengths(
    plan: ConnectionPlan, page: Page, rows: Sequence[Row]
) -> Sequence[int | str | None]:
    """Give each row's part of the page's window; null where it has none."""
    if page.window is None or plan.run_at is None:
        return [None] * len(rows)
    start, end = plan.run_at
    return [to_big_int(page.window.measure(row[start], row[end])) for row in rows]


def cursor_of(row: Row, page: Page) -> str:
    """Make the cursor of a row: its position stands behind its columns."""
    at = len(page.shape.columns)
    return to_cursor(page.mark, row[at], row[at + 1])


def to_page_info(selection: ObjectSelection, page: Page, part: Part) -> Object:
    """Make the page information."""
    makers: Mapping[str, Callable[[], object]] = {
        "hasNextPage": lambda: part.has_next,
        "hasPreviousPage": lambda: part.has_previous,
        "startCursor": lambda: cursor_of(part.rows[0], page) if part.rows else None,
        "endCursor": lambda: cursor_of(part.rows[-1], page) if part.rows else None,
    }
    return {
        found.key: makers[found.name]() if found.definition else selection.type_name
        for found in selection.fields
    }


def to_count(count: int, broken: list[Broken]) -> int | Broken:
    """Give a count, unless it is beyond what its type can hold."""
    try:
        return to_int(count)
    except ValueError as exc:
        broken.append(Broken(str(exc)))
        return broken[-1]
