"""Parts of pages to the values of connections, edges and page information."""

from collections.abc import Iterator, Mapping, Sequence
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
        bounded_counts: The values of `countUpTo`, by response key.
        facets: The values of `facets`, by response key.
    """

    rows: Sequence[Row]
    objects: Sequence[Sequence[Object]]
    has_next: bool
    has_previous: bool
    count: int
    bounded_counts: Mapping[str, object]
    facets: Mapping[str, object]


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
    selection = plan.field.selection
    connection: Object = {}
    for field in selection.fields:
        value: object
        match field.name:
            case "nodes":
                value = next(columns)
            case "edges":
                value = to_edges(field, plan, page, part, columns)
            case "pageInfo":
                value = to_page_info(field.selection, page, part)
            case "totalCount":
                value = to_count(part.count, broken)
            case "countUpTo":
                value = part.bounded_counts[field.key]
            case "facets":
                value = part.facets[field.key]
            case _:
                value = selection.type_name
        connection[field.key] = value
    return connection


def to_edges(
    field: FieldSelection,
    plan: ConnectionPlan,
    page: Page,
    part: Part,
    columns: Iterator[Sequence[Object]],
) -> list[Object]:
    """Make the edges of a page, a key at a time."""
    selection = field.selection
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
    rows = part.rows
    info: Object = {}
    for field in selection.fields:
        value: object
        match field.name:
            case "hasNextPage":
                value = part.has_next
            case "hasPreviousPage":
                value = part.has_previous
            case "startCursor":
                value = cursor_of(rows[0], page) if rows else None
            case "endCursor":
                value = cursor_of(rows[-1], page) if rows else None
            case _:
                value = selection.type_name
        info[field.key] = value
    return info


def to_count(count: int, broken: list[Broken]) -> int | Broken:
    """Give a count, unless it is beyond what its type can hold."""
    try:
        return to_int(count)
    except ValueError as exc:
        broken.append(Broken(str(exc)))
        return broken[-1]
