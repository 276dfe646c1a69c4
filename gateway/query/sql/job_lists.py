"""Lists of jobs to SQL.

A first select chooses the page by indexes alone, where the order has one; the rows are
read for those few jobs only.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)

from gateway.query.fields import JOIN_KEYS, TABLES
from gateway.query.plan.filters import Predicate
from gateway.query.plan.job_lists import ListShape, OrderTerm
from gateway.query.plan.plan import ColumnRef
from gateway.query.sql.conditions import ordered, scope, to_condition
from gateway.query.sql.words import to_similar
from gateway.records import JobStatus
from gateway.store.joins import join_by_key
from gateway.store.portable import is_any_of, unindexed
from gateway.store.tables import job_inputs, jobs

# The parameter that holds the numbers of jobs.
JOB_IDS = "job_ids"
NO_TEXT: ColumnElement[Any] = literal_column("''")
LIMIT, OFFSET, REACH, AFTER_VALUE, AFTER_KEY = (
    bindparam(name, type_=BigInteger)
    for name in ("limit", "offset", "reach", "after_value", "after_key")
)


def select_jobs(shape: ListShape, columns: tuple[ColumnRef, ...]) -> Select[Any]:
    """Select the jobs of a page of a list; its parameters are those of `to_shape`."""
    page = select_job_keys(shape).subquery("page")
    needed = [table for table, _ in columns] + tables_of(shape)
    own = [name for table, name in columns if table == jobs.name]
    keys = (JOIN_KEYS[table] for table in needed if table != jobs.name)
    ranks = (term.column for term in shape.order if term.table == jobs.name)
    rows = join_by_key(page, jobs, ["account", "job_id", *own, *keys, *ranks])
    chosen = (
        (jobs if table == jobs.name else TABLES[table]).c[name].label(f"{table}_{name}")
        for table, name in columns
    )
    found = select(*chosen).select_from(with_joins(rows, jobs, needed))
    return found.order_by(*order_terms(shape, jobs))


def select_job_count(shape: ListShape, *, is_bounded: bool) -> Select[Any]:
    """Count a list's rows, where it is bounded no further than `limit`."""
    rows: Select[Any] = select(literal(1).label("one")).select_from(jobs)
    rows = rows.where(*conditions(shape))
    if is_bounded:
        rows = rows.limit(LIMIT)
    return select(func.count()).select_from(rows.subquery())


def select_job_inputs(columns: tuple[str, ...], *, in_project: bool) -> Select[Any]:
    """Select the inputs of the jobs whose numbers are in `job_ids`."""
    chosen = select(*(job_inputs.c[name] for name in columns)).where(
        scope(job_inputs, in_project=in_project),
        is_any_of(job_inputs.c.job_id, JOB_IDS),
    )
    return chosen.order_by(job_inputs.c.job_id, job_inputs.c.position)


def select_job_keys(shape: ListShape) -> Select[Any]:
    """Select the keys of a page's jobs."""
    if shape.statuses:
        return select_job_keys_by_status(shape)
    return (
        select(jobs.c.account, jobs.c.job_id)
        .select_from(with_joins(jobs, jobs, tables_of(shape)))
        .where(*conditions(shape))
        .order_by(*order_terms(shape, jobs))
        .limit(LIMIT)
        .offset(OFFSET)
    )


def select_job_keys_by_status(shape: ListShape) -> Select[Any]:
    """Select them among the first of each status, which an index brings in order."""
    each_first = (select_first_of_status(shape, each) for each in shape.statuses)
    arms = (select(first.subquery()) for first in each_first)
    firsts = union_all(*arms).subquery("firsts")
    page = select(firsts.c.account, firsts.c.job_id)
    return page.order_by(*order_terms(shape, firsts)).limit(LIMIT).offset(OFFSET)


def select_first_of_status(shape: ListShape, status: JobStatus) -> Select[Any]:
    """Select the first jobs of one status, as many as there may be on the page.

    The status is in the text: PostgreSQL must know that it is a rare one to choose the
    index that finds it.
    """
    wanted = (jobs.c.account, jobs.c.job_id, *(jobs.c[t.column] for t in shape.order))
    others = (found for found in shape.predicates if found.column != "status")
    return (
        select(*wanted)
        .where(
            jobs.c.status == literal_column(f"'{status.value}'"),
            *conditions(replace(shape, predicates=tuple(others))),
        )
        .order_by(*order_terms(shape, jobs))
        .limit(REACH)
    )


def tables_of(shape: ListShape) -> list[str]:
    """Name the tables that rows are ordered by."""
    return [term.table for term in shape.order]


def with_joins(
    source: FromClause, rows: FromClause, tables: Iterable[str]
) -> FromClause:
    """Join what jobs name in other tables."""
    for name in dict.fromkeys(tables):
        if name == jobs.name:
            continue
        other, key = TABLES[name], JOIN_KEYS[name]
        same = and_(other.c.account == rows.c.account, other.c[key] == rows.c[key])
        source = source.outerjoin(other, same)
    return source


def conditions(shape: ListShape) -> list[ColumnElement[bool]]:
    """Choose the rows; only the driver, or else the order, may choose an index."""
    driver = shape.driver
    found = [
        scope(jobs, in_project=shape.in_project),
        equals("source", "source", driver),
        *(
            to_condition(each, jobs, order=indexed_for(each, shape))
            for each in shape.predicates
        ),
        *(to_similar(words) for words in shape.words),
    ]
    if shape.of_project:
        found.append(equals("project_id", "of_project", driver))
    if shape.is_after:
        found.append(is_behind(shape.order[0]))
    return found


def indexed_for(predicate: Predicate, shape: ListShape) -> str:
    """Name the column that may choose an index where a predicate is compared."""
    if predicate.column == shape.driver:
        return shape.driver
    return shape.order[0].column if shape.order else ""


def equals(column: str, parameter: str, driver: str) -> ColumnElement[bool]:
    """Compare a column with its parameter."""
    compared = jobs.c[column] if column == driver else unindexed(jobs.c[column])
    return compared == bindparam(parameter)


def is_behind(term: OrderTerm) -> ColumnElement[bool]:
    """Choose the rows behind a job."""
    row = tuple_(ranked_by(term, jobs), jobs.c.job_id)
    at = tuple_(AFTER_VALUE, AFTER_KEY)
    return row < at if term.is_descending else row > at


def order_terms(shape: ListShape, rows: FromClause) -> list[ColumnElement[Any]]:
    """Give the order, in which no two jobs are alike; none where one is looked up."""
    if not shape.order:
        return []
    last = OrderTerm(column="job_id", is_descending=shape.order[-1].is_descending)
    return [
        ranked_by(term, rows).desc()
        if term.is_descending
        else ranked_by(term, rows).asc()
        for term in (*shape.order, last)
    ]


def ranked_by(term: OrderTerm, rows: FromClause) -> ColumnElement[Any]:
    """Give what a term compares, the same on both databases."""
    table = rows if term.table == jobs.name else TABLES[term.table]
    column = table.c[term.column]
    if column.nullable and issubclass(column.type.python_type, str):
        return func.coalesce(column, NO_TEXT)
    return ordered(table, term.column)
