"""Rows and counts to the values of connections, edges and page information."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from gateway.query.document.selection import FieldSelection, ObjectSelection
from gateway.query.plan.cursors import encode_cursor
from gateway.query.plan.pages import PagePlan
from gateway.query.plan.plan import ConnectionPlan
from gateway.query.run.shape import Failure, Object
from gateway.query.values import to_big_int, to_int
from gateway.store.engine import Row

# The parent of a connection at the root.
ROOT = None
ROOTS = (ROOT,)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageData:
    """What was read for the connection of one parent.

    Attributes:
        objects: For each selection of `nodes` and `node`, in order, the page's objects.
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


def make_connection(
    plan: ConnectionPlan, page: PagePlan, part: PageData, failures: list[Failure]
) -> Object:
    """Make the value of a connection.

    Args:
        plan: The connection.
        page: The page that was asked for.
        part: What was read for it.
        failures: Takes a count that `Int` cannot hold.
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
                value = make_edges(field, plan, page, part, columns)
            case "pageInfo":
                value = make_page_info(field.selection, page, part)
            case "totalCount":
                value = make_total_count(part.count, failures)
            case "countUpTo":
                value = part.bounded_counts[field.key]
            case "facets":
                value = part.facets[field.key]
            case _:
                value = selection.type_name
        connection[field.key] = value
    return connection


def make_edges(
    field: FieldSelection,
    plan: ConnectionPlan,
    page: PagePlan,
    part: PageData,
    columns: Iterator[Sequence[Object]],
) -> list[Object]:
    """Make the edges of a page, key by key."""
    selection = field.selection
    edges: list[Object] = [{} for _ in part.rows]
    for found in selection.fields:
        values: Sequence[object]
        if found.name == "node":
            values = next(columns)
        elif found.name == "cursor":
            values = [cursor_of(row, page) for row in part.rows]
        elif found.name == "lengthMs":
            values = lengths_in_window(plan, page, part.rows)
        else:
            values = [selection.type_name] * len(edges)
        for edge, value in zip(edges, values, strict=True):
            edge[found.key] = value
    return edges


def lengths_in_window(
    plan: ConnectionPlan, page: PagePlan, rows: Sequence[Row]
) -> Sequence[int | str | None]:
    """Measure each row's run inside the page's window; null where there is none."""
    if page.window is None or plan.run_at is None:
        return [None] * len(rows)
    start, end = plan.run_at
    return [to_big_int(page.window.measure(row[start], row[end])) for row in rows]


def cursor_of(row: Row, page: PagePlan) -> str:
    """Make the cursor of a row, whose position follows its columns."""
    at = len(page.shape.columns)
    return encode_cursor(page.fingerprint, row[at], row[at + 1])


def make_page_info(
    selection: ObjectSelection, page: PagePlan, part: PageData
) -> Object:
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


def make_total_count(count: int, failures: list[Failure]) -> int | Failure:
    """Make the value of `totalCount`, which fails where `Int` cannot hold it."""
    try:
        return to_int(count)
    except ValueError as exc:
        failures.append(Failure(str(exc)))
        return failures[-1]


def group_by_parent(
    rows: Sequence[Row], plan: ConnectionPlan
) -> Mapping[Any, Sequence[Row]]:
    """Group rows by their parent's key, which is the last value of each."""
    if plan.parent_key is None:
        return {ROOT: rows}
    parent = itemgetter(-1)
    ordered = sorted(rows, key=parent)
    return {key: list(found) for key, found in groupby(ordered, key=parent)}
