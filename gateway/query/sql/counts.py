"""Page shapes to SQL that counts the rows of the whole list."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    case,
    func,
    literal,
    select,
)

from gateway.query.fields import TABLES
from gateway.query.plan.filters import Predicate
from gateway.query.plan.shapes import KEYS, PageShape
from gateway.query.sql.conditions import condition_of, of_tenant, select_semi_join
from gateway.store.portable import is_any_of, list_items


def select_count(shape: PageShape) -> Select[Any]:
    """Select the count of all rows; by parent where the shape is nested."""
    table = TABLES[shape.entity.table]
    counted = select(func.count()).select_from(table).where(*list_conditions(shape))
    if shape.driver is None or not shape.is_nested:
        return counted
    column = table.c[shape.driver.column]
    return counted.add_columns(column).group_by(column)


def select_bounded_count(shape: PageShape) -> Select[Any]:
    """Select the count of rows up to `count_limit`; see `select_count`."""
    table = TABLES[shape.entity.table]
    rows = select(literal(1).label("one")).select_from(table)
    limit = bindparam("count_limit", type_=BigInteger)
    if shape.driver is None or not shape.is_nested:
        found = rows.where(*list_conditions(shape)).limit(limit).subquery()
        return select(func.count()).select_from(found)
    column = table.c[shape.driver.column]
    keys = list_items(KEYS, column.type)
    own = rows.where(*undriven_conditions(shape), column == keys.c.value)
    counted = select(func.count()).select_from(
        own.limit(limit).correlate(keys).subquery()
    )
    by_key = select(counted.correlate(keys).scalar_subquery(), keys.c.value)
    return by_key.select_from(keys)


def select_facets(
    shape: PageShape, columns: tuple[str, ...], own: tuple[Predicate, ...]
) -> Select[Any]:
    """Select counts of rows grouped by columns, in one scan.

    A row has the columns' values; for each column 1 or 0, whether the predicates on it
    hold; the count; and the parent where the shape is nested.

    Args:
        shape: The page's.
        columns: The GROUP BY columns.
        own: Predicates that are not applied, but grouped by, for the facets of their
            own column.
    """
    table = TABLES[shape.entity.table]
    apart = [found for found in own if found.column in columns]
    rows = select(
        *(table.c[name] for name in columns),
        *(
            flag_of([p for p in apart if p.column == name], shape).label(
                f"{name}_holds"
            )
            for name in columns
        ),
    ).where(*list_conditions(shape, without=tuple(apart)))
    if shape.is_nested and shape.driver is not None:
        rows = rows.add_columns(table.c[shape.driver.column].label("parent"))
    found = rows.subquery("found")
    flags = [found.c[f"{name}_holds"] for name in columns]
    keys = [*(found.c[name] for name in columns), *flags]
    parent = [found.c.parent] if shape.is_nested else []
    return select(*keys, func.count(), *parent).group_by(*keys, *parent)


def flag_of(predicates: list[Predicate], shape: PageShape) -> ColumnElement[int]:
    """Write whether the predicate of a column holds, as 1 or 0; 1 without one."""
    table = TABLES[shape.entity.table]
    held = [condition_of(p, table, order=p.column) for p in predicates]
    return case((held[0], 1), else_=0) if held else literal(1, BigInteger)


def list_conditions(
    shape: PageShape, without: tuple[Predicate, ...] = ()
) -> list[ColumnElement[bool]]:
    """Restrict rows to a page's whole list, of all parents where it is nested."""
    found = undriven_conditions(shape, without)
    if shape.driver is None or shape.driver in without:
        return found
    column = TABLES[shape.entity.table].c[shape.driver.column]
    if shape.driver.through is not None:
        return [*found, column.in_(select_semi_join(shape.driver))]
    name = KEYS if shape.is_nested else shape.driver.parameter
    return [*found, is_any_of(column, name)]


def undriven_conditions(
    shape: PageShape, without: tuple[Predicate, ...] = ()
) -> list[ColumnElement[bool]]:
    """Restrict rows to a page's whole list, without the driver's predicate.

    Nothing is ordered: without a driver, the index of any predicate may serve.
    """
    table = TABLES[shape.entity.table]
    return [
        of_tenant(table, in_project=shape.in_project),
        *(
            condition_of(
                found, table, order=shape.order if shape.driver else found.column
            )
            for found in shape.predicates
            if found not in without
        ),
    ]
