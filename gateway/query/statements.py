"""Shapes to SQL: what a page, a count and a look-up are, apart from their values.

The account, and the project of a principal that has one, are added by `scope`, which
every statement here begins with.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.query.filters import Operator, Predicate
from gateway.query.plan import ColumnRef
from gateway.query.sources import TABLES, Entity
from gateway.store.keyed import is_any_of, join_first_per_key, keys_of, unindexed
from gateway.store.selects import Statement, to_statement
from gateway.store.tables import jobs, or_latest, project_models, project_users

__all__ = [
    "KEYS",
    "LookupShape",
    "PageShape",
    "to_count",
    "to_lookup",
    "to_page",
]

# The parameter that holds the values rows are looked up by, key by key.
KEYS = "keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupShape:
    """Rows by what identifies them."""

    entity: Entity
    columns: tuple[ColumnRef, ...]
    in_project: bool
    predicates: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageShape:
    """A page of an order.

    Attributes:
        order: The column rows are ordered by; its table's key breaks ties.
        is_descending: The direction rows are read in.
        driver: The predicate whose index brings the rows in order, value by value.
        is_nested: The values of the driver are parents: the limit is for each of them,
            and each row ends with its own.
        is_after: Whether it begins behind a position in the direction it is read in.
        is_before: Whether it ends ahead of a position.
        is_from: Whether it begins at a position, and with it.
        has_positions: Whether its rows tell where they stand, for cursors.
    """

    entity: Entity
    columns: tuple[ColumnRef, ...]
    in_project: bool
    predicates: tuple[Predicate, ...]
    driver: Predicate | None
    is_nested: bool
    order: str
    is_descending: bool
    is_after: bool = False
    is_before: bool = False
    is_from: bool = False
    has_positions: bool = True


def scope(table: Table, *, in_project: bool) -> ColumnElement[bool]:
    """Restrict a table's rows to those the principal may see."""
    account = table.c.account == bindparam("account")
    return and_(account, in_project_of(table)) if in_project else account


def in_project_of(table: FromClause) -> ColumnElement[bool]:
    """Restrict a table's rows to those of the principal's project."""
    if "project_id" in table.c:
        return unindexed(table.c.project_id) == bindparam("project")
    key, members = MEMBERS.get(base_name(table), ("job_id", jobs))
    member = members.alias("member")
    return table.c[key].in_(
        select(member.c[key]).where(
            member.c.account == bindparam("account"),
            member.c.project_id == bindparam("project"),
            member.c[key] == table.c[key],
        )
    )


MEMBERS = {
    "users": ("user_id", project_users),
    "models": ("model_id", project_models),
}


def base_name(table: FromClause) -> str:
    """Name a table, also where it is an alias."""
    return str(getattr(getattr(table, "element", table), "name", ""))


@lru_cache(maxsize=1_000)
def to_page(shape: PageShape, engine: AsyncEngine) -> Statement:
    """Write the select of a page.

    Its rows are the columns, then the position (order and key) where it is wanted, then
    the parent's value where it is nested. Parameters: `account`, `project`, `limit`,
    those of the predicates, `keys`, and `after_value`, `after_key`, `before_value`,
    `before_key`.
    """
    table = TABLES[shape.entity.table]
    if shape.driver is None:
        page = in_order(select(*to_columns(shape, table)), table, shape, engine)
        return to_statement(page.select_from(with_joins(table, table, shape)), engine)
    keys = driving_keys(shape, engine)
    inner_table = table.alias("inner_rows")
    needed = (inner_table.c[name] for name in names_needed(shape))
    inner = in_order(select(*needed), inner_table, shape, engine)
    inner = inner.where(inner_table.c[shape.driver.column] == keys.c.value)
    source, rows = join_first_per_key(keys, table, inner, engine)
    chosen = to_columns(shape, rows)
    if shape.is_nested:
        chosen.append(keys.c.value)
    page = select(*chosen).select_from(with_joins(source, rows, shape))
    page = page.order_by(*order_terms(rows, shape))
    if not shape.is_nested:
        page = page.limit(bindparam("limit", type_=BigInteger))
    return to_statement(page, engine)


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


def in_order(
    selected: Select[Any], table: FromClause, shape: PageShape, engine: AsyncEngine
) -> Select[Any]:
    """Choose a page's rows of a table, in order."""
    return (
        selected.where(
            scope(table, in_project=shape.in_project),  # type: ignore[arg-type]  # or its alias
            *(
                to_condition(
                    found, table, engine, order="" if is_sorted(shape) else shape.order
                )
                for found in shape.predicates
            ),
            *positions(table, shape),
        )
        .order_by(*order_terms(table, shape))
        .limit(bindparam("limit", type_=BigInteger))
    )


def driving_keys(shape: PageShape, engine: AsyncEngine) -> FromClause:
    """Give the values of the driver as a table."""
    driver = shape.driver
    if driver is None:
        raise TypeError("the shape has no driver")
    if driver.through is None:
        column = TABLES[shape.entity.table].c[driver.column]
        name = KEYS if shape.is_nested else driver.parameter
        return keys_of(name, column.type, engine)
    return select_through(driver, engine).subquery("keys")


def select_through(predicate: Predicate, engine: AsyncEngine) -> Select[Any]:
    """Select the values that a predicate takes from another table."""
    table = TABLES[str(predicate.through)].alias("through_rows")
    return select(table.c[predicate.column].label("value")).where(
        table.c.account == bindparam("account"),
        *(
            is_any_of(table.c[found.column], found.parameter, engine)
            for found in predicate.predicates
        ),
    )


def to_condition(
    predicate: Predicate, table: FromClause, engine: AsyncEngine, *, order: str
) -> ColumnElement[bool]:
    """Write one predicate as a condition on the rows of a page."""
    column = table.c[predicate.column]
    filtered = column if predicate.column == order else unindexed(column)
    match predicate.operator:
        case Operator.ANY if predicate.through is not None:
            return filtered.in_(select_through(predicate, engine))
        case Operator.ANY:
            return is_any_of(filtered, predicate.parameter, engine)
        case Operator.IS_NULL:
            return column.is_(None)
        case Operator.RUNS_IN:
            return runs_in(table, predicate.parameter)
        case Operator.FROM | Operator.TO:
            return to_bound(predicate, table, order=order)


def to_bound(
    predicate: Predicate, table: FromClause, *, order: str
) -> ColumnElement[bool]:
    """Write one end of a range, so that the order's own index finds it."""
    value = bindparam(predicate.parameter, type_=BigInteger)
    ranked = ordered(table, predicate.column)
    if predicate.column != order:
        ranked = unindexed(ranked)
    if predicate.operator == Operator.TO:
        return ranked < value
    return and_(ranked >= value, table.c[predicate.column].is_not(None))


def runs_in(table: FromClause, parameter: str) -> ColumnElement[bool]:
    """Choose the jobs whose run touches a window, in ms since 1970."""
    start, end, now = (
        bindparam(f"{parameter}_{name}", type_=BigInteger)
        for name in ("start", "end", "now")
    )
    return and_(
        table.c.run_start_ms < end,
        or_(
            table.c.run_end_ms > start,
            and_(table.c.run_end_ms.is_(None), now > start),
            table.c.run_start_ms >= start,
        ),
    )


def ordered(table: FromClause, order: str) -> ColumnElement[Any]:
    """Give what rows are ordered by: plain numbers or text, never null."""
    column = table.c[order]
    if column.nullable:
        return type_coerce(or_latest(column), BigInteger)
    is_text = issubclass(column.type.python_type, str)
    return column if is_text else type_coerce(column, BigInteger)


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


# The column that a job and its row in another table share.
JOIN_KEYS = {"models": "model_id", "users": "user_id", "job_logs": "job_id"}


@lru_cache(maxsize=1_000)
def to_count(shape: PageShape, engine: AsyncEngine) -> Statement:
    """Write the count of all rows of a page's list; by parent where it is nested."""
    table = TABLES[shape.entity.table]
    conditions = [
        scope(table, in_project=shape.in_project),
        *(
            # Nothing is ordered: without a driver, any predicate's index may serve.
            to_condition(
                found,
                table,
                engine,
                order=shape.order if shape.driver else found.column,
            )
            for found in shape.predicates
        ),
    ]
    if shape.driver is None:
        return to_statement(
            select(func.count()).select_from(table).where(*conditions), engine
        )
    column = table.c[shape.driver.column]
    if not shape.is_nested:
        driven = to_driven(shape.driver, column, engine)
        counted = select(func.count()).select_from(table).where(*conditions, driven)
        return to_statement(counted, engine)
    driven = is_any_of(column, KEYS, engine)
    by_parent = select(column, func.count()).where(*conditions, driven)
    return to_statement(by_parent.group_by(column), engine)


def to_driven(
    driver: Predicate, column: ColumnElement[Any], engine: AsyncEngine
) -> ColumnElement[bool]:
    """Write the driver as a condition, by its index."""
    if driver.through is not None:
        return column.in_(select_through(driver, engine))
    return is_any_of(column, driver.parameter, engine)


@lru_cache(maxsize=1_000)
def to_lookup(shape: LookupShape, engine: AsyncEngine) -> Statement:
    """Write the select of rows by what identifies them; `limit` bounds them."""
    table = TABLES[shape.entity.table]
    found = (
        select(*plain(shape, table))
        .select_from(with_joins(table, table, shape))
        .where(
            scope(table, in_project=shape.in_project),
            *(
                is_any_of(table.c[predicate.column], predicate.parameter, engine)
                for predicate in shape.predicates
            ),
        )
        .limit(bindparam("limit", type_=BigInteger))
    )
    return to_statement(found, engine)
