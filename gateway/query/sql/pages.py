"""Shapes of pages and look-ups to SQL."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    select,
    tuple_,
    type_coerce,
)

from gateway.query.fields import JOIN_KEYS, TABLES
from gateway.query.plan.filters import Predicate
from gateway.query.plan.shapes import KEYS, LookupShape, PageShape
from gateway.query.sql.conditions import (
    condition_of,
    is_match,
    of_tenant,
    select_semi_join,
    sort_key,
)
from gateway.query.sql.joins import join_references
from gateway.store.joins import join_first_per_key
from gateway.store.portable import list_items, unindexed

LIMIT = bindparam("limit", type_=BigInteger)


def select_page(shape: PageShape) -> Select[Any]:
    """Select the rows of a page.

    A row has the columns, then its position (order and key) where that is asked for,
    then its parent where the page is nested. Parameters: `account`, `project`, `limit`,
    those of the predicates, `keys`, and `after_value`, `after_key`, `before_value`,
    `before_key`.
    """
    table = TABLES[shape.entity.table]
    if shape.driver is None:
        page = restrict_page(select(*page_columns(shape, table)), table, shape)
        return page.select_from(join_references(table, table, dict(shape.columns)))
    keys = driver_values(shape, shape.driver)
    inner_table = table.alias("inner_rows")
    needed = (inner_table.c[name] for name in needed_names(shape))
    inner = restrict_page(select(*needed), inner_table, shape)
    inner = inner.where(inner_table.c[shape.driver.column] == keys.c.value)
    rows = join_first_per_key(keys, table, inner)
    chosen = page_columns(shape, table)
    if shape.is_nested:
        chosen.append(keys.c.value)
    joined = join_references(rows, table, dict(shape.columns))
    page = select(*chosen).select_from(joined)
    page = page.order_by(*page_order_by(table, shape))
    return page if shape.is_nested else page.limit(LIMIT)


def page_columns(shape: PageShape, rows: FromClause) -> list[ColumnElement[Any]]:
    """Write what a page selects: the columns, and the position if it is asked for.

    A select of no columns would be no SQL: then, too, the position is selected.
    """
    columns: list[ColumnElement[Any]] = list(plain_columns(shape, rows))
    if shape.has_positions or not columns:
        columns += [sort_key(rows, shape.order), rows.c[shape.entity.key]]
    return columns


def needed_names(shape: PageShape) -> Iterable[str]:
    """List the columns of the entity's own table that a page needs."""
    own = shape.entity.table
    chosen = (name if of == own else JOIN_KEYS[of] for of, name in shape.columns)
    path = ("account", *shape.entity.path)
    return dict.fromkeys((*path, shape.order, *chosen))


def restrict_page(
    selected: Select[Any], table: FromClause, shape: PageShape
) -> Select[Any]:
    """Add WHERE, ORDER BY and LIMIT of a page."""
    return (
        selected.where(
            of_tenant(table, in_project=shape.in_project),  # type: ignore[arg-type]  # or its alias
            *(
                condition_of(
                    found, table, order="" if must_sort(shape) else shape.order
                )
                for found in shape.predicates
            ),
            *between_positions(table, shape),
        )
        .order_by(*page_order_by(table, shape))
        .limit(LIMIT)
    )


def driver_values(shape: PageShape, driver: Predicate) -> FromClause:
    """Write the values of the driver as a table with a column `value`."""
    if driver.through is None:
        column = TABLES[shape.entity.table].c[driver.column]
        name = KEYS if shape.is_nested else driver.parameter
        return list_items(name, column.type)
    return select_semi_join(driver).subquery("keys")


def page_sort_key(table: FromClause, shape: PageShape) -> ColumnElement[Any]:
    """Write the sort key of a page's order."""
    ranked = sort_key(table, shape.order)
    return unindexed(ranked) if must_sort(shape) else ranked


def must_sort(shape: PageShape) -> bool:
    """Tell whether the driver's index returns rows in another order than the page's.

    The index of the order is hidden then: SQLite would read it from its end for each
    parent, which is the whole history where a parent has few rows.
    """
    return shape.driver is not None and shape.order != shape.entity.order


def page_order_by(table: FromClause, shape: PageShape) -> list[ColumnElement[Any]]:
    """Write ORDER BY: the order's column, then the key, in the same direction."""
    terms = [page_sort_key(table, shape)]
    if shape.entity.key != shape.order:
        terms.append(table.c[shape.entity.key])
    return [term.desc() if shape.is_descending else term.asc() for term in terms]


def between_positions(
    table: FromClause, shape: PageShape
) -> Iterable[ColumnElement[bool]]:
    """Restrict a page to the rows between its keyset positions."""
    if shape.is_after or shape.is_from:
        yield is_beyond(table, shape, "after", is_above=not shape.is_descending)
    if shape.is_before:
        yield is_beyond(table, shape, "before", is_above=shape.is_descending)


def is_beyond(
    table: FromClause, shape: PageShape, name: str, *, is_above: bool
) -> ColumnElement[bool]:
    """Restrict rows to those above a keyset position, or below it."""
    ranked, key = page_sort_key(table, shape), table.c[shape.entity.key]
    value = bindparam(f"{name}_value", type_=ranked.type)
    at = tuple_(value, bindparam(f"{name}_key", type_=BigInteger))
    row = tuple_(ranked, key)
    if shape.is_from:
        bound = row >= at if is_above else row <= at
    else:
        bound = row > at if is_above else row < at
    if not table.c[shape.order].nullable:
        return bound
    # SQLite finds a row value in an index of columns only, but a single value in an
    # index of an expression, too.
    return and_(ranked >= value if is_above else ranked <= value, bound)


def plain_columns(
    shape: PageShape | LookupShape, rows: FromClause
) -> Iterable[ColumnElement[Any]]:
    """Write the columns of a shape as they are stored, each with a unique label.

    Args:
        shape: Names the columns.
        rows: The entity's own table.
    """
    for at, (table, name) in enumerate(shape.columns):
        source = rows if table == shape.entity.table else TABLES[table]
        column = source.c[name]
        yield type_coerce(column, column.type).label(f"c{at}")


def select_by_identity(shape: LookupShape) -> Select[Any]:
    """Select rows by what identifies them, at most `limit`."""
    table = TABLES[shape.entity.table]
    return (
        select(*plain_columns(shape, table))
        .select_from(join_references(table, table, dict(shape.columns)))
        .where(
            of_tenant(table, in_project=shape.in_project),
            *(is_match(predicate, table) for predicate in shape.predicates),
        )
        .limit(LIMIT)
    )
