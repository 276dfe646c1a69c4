"""Predicates to SQL conditions, and the one every statement begins with: `scope`.

It adds the account, and the project of a principal that has one.
"""

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


def select_through(predicate: Predicate) -> Select[Any]:
    """Select the values that a predicate takes from another table."""
    table = TABLES[str(predicate.through)].alias("through_rows")
    return select(table.c[predicate.column].label("value")).where(
        table.c.account == bindparam("account"),
        *(
            is_any_of(table.c[found.column], found.parameter)
            for found in predicate.predicates
        ),
    )


def to_condition(
    predicate: Predicate, table: FromClause, *, order: str
) -> ColumnElement[bool]:
    """Write one predicate as a condition on the rows of a page."""
    column = table.c[predicate.column]
    filtered = column if predicate.column == order else unindexed(column)
    match predicate.operator:
        case Operator.ANY if predicate.through is not None:
            return filtered.in_(select_through(predicate))
        case Operator.ANY:
            return is_any_of(filtered, predicate.parameter)
        case Operator.ANY_ROW:
            return to_match(predicate, table)
        case Operator.IS_NULL:
            return column.is_(None)
        case Operator.RUNS_IN:
            return runs_in(table, predicate.parameter)
        case Operator.FROM | Operator.TO:
            return to_bound(predicate, table, order=order)


def to_match(predicate: Predicate, table: FromClause) -> ColumnElement[bool]:
    """Write one predicate as a condition that rows are looked up by."""
    column, name = table.c[predicate.column], predicate.parameter
    if predicate.operator != Operator.ANY_ROW:
        return is_any_of(column, name)
    columns = [column, *(table.c[other] for other in predicate.also)]
    return is_any_row_of([or_empty(found) for found in columns], name)


def or_empty(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Give a text, or the empty one where it is null, as the index of models has it."""
    if not getattr(column, "nullable", False):
        return column
    return func.coalesce(column, literal_column("''"))


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
