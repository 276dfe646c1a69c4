"""Shapes to SQL: what a page and a look-up are, apart from their values."""

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
from gateway.query.plan.shapes import KEYS, LookupShape, PageShape
from gateway.query.sql.conditions import (
    ordered,
    scope,
    select_through,
    to_condition,
    to_match,
)
from gateway.store.joins import join_first_per_key
from gateway.store.portable import list_items, unindexed

LIMIT = bindparam("limit", type_=BigInteger)


def select_page(shape: PageShape) -> Select[Any]:
    """Select the rows of a page.

    Its rows are the columns, then the position (order and key) where it is wanted, then
    the parent's value where it is nested. Parameters: `account`, `project`, `limit`,
    those of the predicates, `keys`, and `after_value`, `after_key`, `before_value`,
    `before_key`.
    """
    table = TABLES[shape.entity.table]
    if shape.driver is None:
        page = in_order(select(*to_columns(shape, table)), table, shape)
        return page.select_from(with_joins(table, table, shape))
    keys = driving_keys(shape)
    inner_table = table.alias("inner_rows")
    needed = (inner_table.c[name] for name in names_needed(shape))
    inner = in_order(select(*needed), inner_table, shape)
    inner = inner.where(inner_table.c[shape.driver.column] == keys.c.value)
    rows = join_first_per_key(keys, table, inner)
    chosen = to_columns(shape, table)
    if shape.is_nested:
        chosen.append(keys.c.value)
    page = select(*chosen).select_from(with_joins(rows, table, shape))
    page = page.order_by(*order_terms(table, shape))
    return page if shape.is_nested else page.limit(LIMIT)


def to_columns(shape: PageShape, rows: FromClause) -> list[ColumnElement[Any]]:
    """Give what a page selects: the columns, then the position; at least something."""
    columns: list[ColumnElement[Any]] = list(plain(shape, rows))
    if shape.has_positions or not columns:
        columns += [ordered(rows, shape.order), rows.c[shape.entity.key]]
    return columns


def names_needed(shape: PageShape) -> Iterable[str]:
    """Name the columns of the entity's own table that a page has to do with."""
    chosen = (name for table, name in shape.columns if table == shape.entity.table)
    keys = (JOIN_KEYS[table] for table in joined(shape))
    path = ("account", *shape.entity.path)
    return dict.fromkeys((*path, shape.order, *chosen, *keys))


def in_order(selected: Select[Any], table: FromClause, shape: PageShape) -> Select[Any]:
    """Choose a page's rows of a table, in order."""
    return (
        selected.where(
            scope(table, in_project=shape.in_project),  # type: ignore[arg-type]  # or its alias
            *(
                to_condition(
                    found, table, order="" if is_sorted(shape) else shape.order
                )
                for found in shape.predicates
            ),
            *positions(table, shape),
        )
        .order_by(*order_terms(table, shape))
        .limit(LIMIT)
    )


def driving_keys(shape: PageShape) -> FromClause:
    """Give the values of the driver as a table."""
    driver = shape.driver
    if driver is None:
        raise TypeError("the shape has no driver")
    if driver.through is None:
        column = TABLES[shape.entity.table].c[driver.column]
        name = KEYS if shape.is_nested else driver.parameter
        return list_items(name, column.type)
    return select_through(driver).subquery("keys")


def ranked_by(table: FromClause, shape: PageShape) -> ColumnElement[Any]:
    """Give what a page's rows are ordered by."""
    ranked = ordered(table, shape.order)
    return unindexed(ranked) if is_sorted(shape) else ranked


def is_sorted(shape: PageShape) -> bool:
    """Tell whether the driver's index brings rows in another order than is wanted.

    SQLite would rather read the order's index from its end for each parent, which is
    the whole history where a parent has few rows.
    """
    return shape.driver is not None and shape.order != shape.entity.order


def order_terms(table: FromClause, shape: PageShape) -> list[ColumnElement[Any]]:
    """Give the order: its column, then the key, both in the same direction."""
    terms = [ranked_by(table, shape)]
    if shape.entity.key != shape.order:
        terms.append(table.c[shape.entity.key])
    return [term.desc() if shape.is_descending else term.asc() for term in terms]


def positions(table: FromClause, shape: PageShape) -> Iterable[ColumnElement[bool]]:
    """Bound a page by the positions it lies between."""
    if shape.is_after or shape.is_from:
        yield beyond(table, shape, "after", is_above=not shape.is_descending)
    if shape.is_before:
        yield beyond(table, shape, "before", is_above=shape.is_descending)


def beyond(
    table: FromClause, shape: PageShape, name: str, *, is_above: bool
) -> ColumnElement[bool]:
    """Choose the rows above a position, or below it."""
    ranked, key = ranked_by(table, shape), table.c[shape.entity.key]
    value = bindparam(f"{name}_value", type_=ranked.type)
    at = tuple_(value, bindparam(f"{name}_key", type_=BigInteger))
    row = tuple_(ranked, key)
    if shape.is_from:
        bound = row >= at if is_above else row <= at
    else:
        bound = row > at if is_above else row < at
    if not table.c[shape.order].nullable:
        return bound
    # SQLite finds a tuple in an index of columns only, but a single value in an index
    # of an expression, too.
    return and_(ranked >= value if is_above else ranked <= value, bound)


def plain(
    shape: PageShape | LookupShape, rows: FromClause
) -> Iterable[ColumnElement[Any]]:
    """Select columns as they are kept, under names of their own.

    Args:
        shape: Names the columns.
        rows: What has those of the entity's own table.
    """
    for at, (table, name) in enumerate(shape.columns):
        source = rows if table == shape.entity.table else TABLES[table]
        column = source.c[name]
        yield type_coerce(column, column.type).label(f"c{at}")


def with_joins(
    source: FromClause, rows: FromClause, shape: PageShape | LookupShape
) -> FromClause:
    """Join what the columns need beside the entity's own rows."""
    for name in joined(shape):
        other, key = TABLES[name], JOIN_KEYS[name]
        same = and_(other.c.account == rows.c.account, other.c[key] == rows.c[key])
        source = source.outerjoin(other, same)
    return source


def joined(shape: PageShape | LookupShape) -> Iterable[str]:
    """Name the tables that the columns are of, beside the entity's own."""
    return (name for name in dict(shape.columns) if name != shape.entity.table)


def select_by_identity(shape: LookupShape) -> Select[Any]:
    """Select rows by what identifies them; `limit` bounds them."""
    table = TABLES[shape.entity.table]
    return (
        select(*plain(shape, table))
        .select_from(with_joins(table, table, shape))
        .where(
            scope(table, in_project=shape.in_project),
            *(to_match(predicate, table) for predicate in shape.predicates),
        )
        .limit(LIMIT)
    )
