"""Predicates to SQL conditions, and the tenant's, which every statement has."""

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
    literal_column,
    or_,
    select,
    type_coerce,
)

from gateway.query.fields import TABLES
from gateway.query.plan.filters import Operator, Predicate
from gateway.store.portable import is_any_of, is_any_row_of, unindexed
from gateway.store.tables import jobs, or_latest, project_models, project_users


def of_tenant(table: Table, *, in_project: bool) -> ColumnElement[bool]:
    """Restrict rows to the principal's account, and to its project if it has one."""
    account = table.c.account == bindparam("account")
    return and_(account, of_project(table)) if in_project else account


def of_project(table: FromClause) -> ColumnElement[bool]:
    """Restrict rows to the principal's project."""
    if "project_id" in table.c:
        return unindexed(table.c.project_id) == bindparam("project")
    key, members = MEMBERS.get(name_of_table(table), ("job_id", jobs))
    member = members.alias("member")
    return table.c[key].in_(
        select(member.c[key]).where(
            member.c.account == bindparam("account"),
            member.c.project_id == bindparam("project"),
            member.c[key] == table.c[key],
        )
    )


MEMBERS = {"users": ("user_id", project_users), "models": ("model_id", project_models)}


def name_of_table(table: FromClause) -> str:
    """Name a table, or the table of an alias."""
    return str(getattr(getattr(table, "element", table), "name", ""))


def select_semi_join(predicate: Predicate) -> Select[Any]:
    """Select the keys of the rows that match a semi-join, as `value`."""
    table = TABLES[str(predicate.through)].alias("through_rows")
    return select(table.c[predicate.column].label("value")).where(
        table.c.account == bindparam("account"),
        *(
            is_any_of(table.c[found.column], found.parameter)
            for found in predicate.predicates
        ),
    )


def condition_of(
    predicate: Predicate, table: FromClause, *, order: str
) -> ColumnElement[bool]:
    """Write a predicate as a condition on rows.

    Args:
        predicate: The predicate.
        table: The rows' table, or an alias of it.
        order: The column whose index the planner may choose; see `unindexed`.
    """
    column = table.c[predicate.column]
    filtered = column if predicate.column == order else unindexed(column)
    match predicate.operator:
        case Operator.ANY if predicate.through is not None:
            return filtered.in_(select_semi_join(predicate))
        case Operator.ANY:
            return is_any_of(filtered, predicate.parameter)
        case Operator.ANY_ROW:
            return is_match(predicate, table)
        case Operator.IS_NULL:
            return column.is_(None)
        case Operator.RUNS_IN:
            return runs_in(table, predicate.parameter)
        case Operator.FROM | Operator.TO:
            return is_in_bound(predicate, table, order=order)


def is_match(predicate: Predicate, table: FromClause) -> ColumnElement[bool]:
    """Write a predicate as a condition to look rows up by."""
    column, name = table.c[predicate.column], predicate.parameter
    if predicate.operator != Operator.ANY_ROW:
        return is_any_of(column, name)
    columns = [column, *(table.c[other] for other in predicate.also)]
    return is_any_row_of([text_or_empty(found) for found in columns], name)


def text_or_empty(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Write a text, or `''` where it is null, as the unique index of models does."""
    if not getattr(column, "nullable", False):
        return column
    return func.coalesce(column, literal_column("''"))


def is_in_bound(
    predicate: Predicate, table: FromClause, *, order: str
) -> ColumnElement[bool]:
    """Write one bound of a range such that the index of the order can serve it."""
    value = bindparam(predicate.parameter, type_=BigInteger)
    ranked = sort_key(table, predicate.column)
    if predicate.column != order:
        ranked = unindexed(ranked)
    if predicate.operator == Operator.TO:
        return ranked < value
    return and_(ranked >= value, table.c[predicate.column].is_not(None))


def runs_in(table: FromClause, parameter: str) -> ColumnElement[bool]:
    """Restrict jobs to those whose run overlaps a window, in ms since 1970."""
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


def sort_key(table: FromClause, order: str) -> ColumnElement[Any]:
    """Write what rows are ordered by: a number or text, never null."""
    column = table.c[order]
    if issubclass(column.type.python_type, str):
        return text_or_empty(column)
    return type_coerce(or_latest(column) if column.nullable else column, BigInteger)
