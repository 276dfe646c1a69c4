"""Shapes to SQL that counts the rows of a page's whole list."""

from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    bindparam,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.query.fields import TABLES
from gateway.query.plan.filters import Predicate
from gateway.query.plan.shapes import KEYS, PageShape
from gateway.query.sql.conditions import scope, select_through, to_condition
from gateway.store.keyed import is_any_of, keys_of
from gateway.store.selects import Statement, to_statement


@lru_cache(maxsize=1_000)
def to_count(shape: PageShape, engine: AsyncEngine) -> Statement:
    """Write the count of all rows: one row; by parent where it is nested."""
    table = TABLES[shape.entity.table]
    counted = select(func.count()).select_from(table).where(*conditions(shape, engine))
    if shape.driver is None or not shape.is_nested:
        return to_statement(counted, engine)
    column = table.c[shape.driver.column]
    return to_statement(counted.add_columns(column).group_by(column), engine)


@lru_cache(maxsize=1_000)
def to_count_up_to(shape: PageShape, engine: AsyncEngine) -> Statement:
    """Write the count of rows that stops at `count_limit`; see `to_count`."""
    table = TABLES[shape.entity.table]
    rows = select(literal(1).label("one")).select_from(table)
    limit = bindparam("count_limit", type_=BigInteger)
    if shape.driver is None or not shape.is_nested:
        found = rows.where(*conditions(shape, engine)).limit(limit).subquery()
        return to_statement(select(func.count()).select_from(found), engine)
    column = table.c[shape.driver.column]
    keys = keys_of(KEYS, column.type, engine)
    own = rows.where(*plain_conditions(shape, engine), column == keys.c.value)
    counted = select(func.count()).select_from(
        own.limit(limit).correlate(keys).subquery()
    )
    by_key = select(counted.correlate(keys).scalar_subquery(), keys.c.value)
    return to_statement(by_key.select_from(keys), engine)


@lru_cache(maxsize=1_000)
def to_facets(
    shape: PageShape,
    columns: tuple[str, ...],
    own: tuple[Predicate, ...],
    engine: AsyncEngine,
) -> Statement:
    """Write the counts of rows by the values of columns, in one scan.

    Its rows are the columns' values; for each column whether the predicates on it hold,
    or 1 where there are none; the count; and the parent where the shape is nested.

    Args:
        shape: The page's.
        columns: What to count by.
        own: The predicates that a column's own counts ignore.
        engine: Whose SQL.
    """
    table = TABLES[shape.entity.table]
    apart = [found for found in own if found.column in columns]
    rows = select(
        *(table.c[name] for name in columns),
        *(
            to_flag([p for p in apart if p.column == name], shape, engine).label(
                f"{name}_holds"
            )
            for name in columns
        ),
    ).where(*conditions(shape, engine, without=tuple(apart)))
    if shape.is_nested and shape.driver is not None:
        rows = rows.add_columns(table.c[shape.driver.column].label("parent"))
    found = rows.subquery("found")
    flags = [found.c[f"{name}_holds"] for name in columns]
    keys = [*(found.c[name] for name in columns), *flags]
    parent = [found.c.parent] if shape.is_nested else []
    counted = select(*keys, func.count(), *parent).group_by(*keys, *parent)
    return to_statement(counted, engine)


def to_flag(
    predicates: list[Predicate], shape: PageShape, engine: AsyncEngine
) -> ColumnElement[int]:
    """Write whether predicates hold, as a number."""
    table = TABLES[shape.entity.table]
    held = [to_condition(p, table, engine, order=p.column) for p in predicates]
    return case((held[0], 1), else_=0) if held else literal(1, BigInteger)


def conditions(
    shape: PageShape, engine: AsyncEngine, without: tuple[Predicate, ...] = ()
) -> list[ColumnElement[bool]]:
    """Choose the rows of a page's whole list, of all parents where it is nested."""
    found = plain_conditions(shape, engine, without)
    if shape.driver is None or shape.driver in without:
        return found
    column = TABLES[shape.entity.table].c[shape.driver.column]
    if shape.driver.through is not None:
        return [*found, column.in_(select_through(shape.driver, engine))]
    name = KEYS if shape.is_nested else shape.driver.parameter
    return [*found, is_any_of(column, name, engine)]


def plain_conditions(
    shape: PageShape, engine: AsyncEngine, without: tuple[Predicate, ...] = ()
) -> list[ColumnElement[bool]]:
    """Choose the rows, apart from what the driver says.

    Nothing is ordered: without a driver, any predicate's index may serve.
    """
    table = TABLES[shape.entity.table]
    return [
        scope(table, in_project=shape.in_project),
        *(
            to_condition(
                found,
                table,
                engine,
                order=shape.order if shape.driver else found.column,
            )
            for found in shape.predicates
            if found not in without
        ),
    ]
