"""Shapes of job lists to SQL.

A subquery selects the page's keys from an index alone, where the order has one; whole
rows are read for those few jobs only.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
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
from gateway.query.plan.job_lists import JobListShape, OrderTerm
from gateway.query.plan.plan import ColumnRef
from gateway.query.sql.conditions import condition_of, of_tenant, sort_key
from gateway.query.sql.joins import join_references
from gateway.query.sql.words import has_words
from gateway.records import JobStatus
from gateway.store.joins import join_by_key
from gateway.store.portable import is_any_of, unindexed
from gateway.store.tables import job_inputs, jobs

# The bind parameter of a list of job IDs.
JOB_IDS = "job_ids"
LIMIT, OFFSET, REACH, AFTER_VALUE, AFTER_KEY = (
    bindparam(name, type_=BigInteger)
    for name in ("limit", "offset", "reach", "after_value", "after_key")
)


def select_jobs(shape: JobListShape, columns: tuple[ColumnRef, ...]) -> Select[Any]:
    """Select the jobs of a page; `plan_job_list` gives the parameters."""
    page = select_job_keys(shape).subquery("page")
    needed = [table for table, _ in columns] + order_tables(shape)
    own = [name for table, name in columns if table == jobs.name]
    keys = (JOIN_KEYS[table] for table in needed if table != jobs.name)
    ordered = (term.column for term in shape.order if term.table == jobs.name)
    rows = join_by_key(page, jobs, ["account", "job_id", *own, *keys, *ordered])
    chosen = (
        (jobs if table == jobs.name else TABLES[table]).c[name].label(f"{table}_{name}")
        for table, name in columns
    )
    found = select(*chosen).select_from(join_references(rows, jobs, needed))
    return found.order_by(*job_order_by(shape, jobs))


def select_job_count(shape: JobListShape, *, is_bounded: bool) -> Select[Any]:
    """Select the count of a list's rows, up to `limit` if it is bounded."""
    rows: Select[Any] = select(literal(1).label("one")).select_from(jobs)
    rows = rows.where(*job_list_conditions(shape))
    if is_bounded:
        rows = rows.limit(LIMIT)
    return select(func.count()).select_from(rows.subquery())


def select_job_inputs(columns: tuple[str, ...], *, in_project: bool) -> Select[Any]:
    """Select the inputs of the jobs in `job_ids`."""
    chosen = select(*(job_inputs.c[name] for name in columns)).where(
        of_tenant(job_inputs, in_project=in_project),
        is_any_of(job_inputs.c.job_id, JOB_IDS),
    )
    return chosen.order_by(job_inputs.c.job_id, job_inputs.c.position)


def select_job_keys(shape: JobListShape) -> Select[Any]:
    """Select the keys of a page's jobs."""
    if shape.statuses:
        return select_job_keys_by_status(shape)
    return (
        select(jobs.c.account, jobs.c.job_id)
        .select_from(join_references(jobs, jobs, order_tables(shape)))
        .where(*job_list_conditions(shape))
        .order_by(*job_order_by(shape, jobs))
        .limit(LIMIT)
        .offset(OFFSET)
    )


def select_job_keys_by_status(shape: JobListShape) -> Select[Any]:
    """Select them among the first of each status, which an index returns in order."""
    each_first = (select_first_of_status(shape, each) for each in shape.statuses)
    arms = (select(first.subquery()) for first in each_first)
    firsts = union_all(*arms).subquery("firsts")
    page = select(firsts.c.account, firsts.c.job_id)
    return page.order_by(*job_order_by(shape, firsts)).limit(LIMIT).offset(OFFSET)


def select_first_of_status(shape: JobListShape, status: JobStatus) -> Select[Any]:
    """Select the first jobs of one status, as many as the page may have of it.

    The status is a literal: PostgreSQL must know that it is a rare one to choose the
    index that finds it.
    """
    wanted = (jobs.c.account, jobs.c.job_id, *(jobs.c[t.column] for t in shape.order))
    others = (found for found in shape.predicates if found.column != "status")
    return (
        select(*wanted)
        .where(
            jobs.c.status == literal_column(f"'{status.value}'"),
            *job_list_conditions(replace(shape, predicates=tuple(others))),
        )
        .order_by(*job_order_by(shape, jobs))
        .limit(REACH)
    )


def order_tables(shape: JobListShape) -> list[str]:
    """List the tables of the ORDER BY columns."""
    return [term.table for term in shape.order]


def job_list_conditions(shape: JobListShape) -> list[ColumnElement[bool]]:
    """Restrict rows to a list; only the index of the driver or the order may serve."""
    driver = shape.driver
    found = [
        of_tenant(jobs, in_project=shape.in_project),
        equals("source", "source", driver),
        *(
            condition_of(each, jobs, order=indexed_column(each, shape))
            for each in shape.predicates
        ),
        *(has_words(words) for words in shape.words),
    ]
    if shape.of_project:
        found.append(equals("project_id", "of_project", driver))
    if shape.is_after:
        found.append(is_after(shape.order[0]))
    return found


def indexed_column(predicate: Predicate, shape: JobListShape) -> str:
    """Name the column whose index the planner may choose for a predicate."""
    if predicate.column == shape.driver:
        return shape.driver
    return shape.order[0].column if shape.order else ""


def equals(column: str, parameter: str, driver: str) -> ColumnElement[bool]:
    """Compare a column with a parameter, by the index of the driver alone."""
    compared = jobs.c[column] if column == driver else unindexed(jobs.c[column])
    return compared == bindparam(parameter)


def is_after(term: OrderTerm) -> ColumnElement[bool]:
    """Restrict rows to those after a keyset position."""
    row = tuple_(job_sort_key(term, jobs), jobs.c.job_id)
    at = tuple_(AFTER_VALUE, AFTER_KEY)
    return row < at if term.is_descending else row > at


def job_order_by(shape: JobListShape, rows: FromClause) -> list[ColumnElement[Any]]:
    """Write ORDER BY, with `job_id` last; empty where one job is looked up."""
    if not shape.order:
        return []
    last = OrderTerm(column="job_id", is_descending=shape.order[-1].is_descending)
    keys = [(job_sort_key(t, rows), t.is_descending) for t in (*shape.order, last)]
    return [key.desc() if is_descending else key.asc() for key, is_descending in keys]


def job_sort_key(term: OrderTerm, rows: FromClause) -> ColumnElement[Any]:
    """Write the sort key of a term, which orders alike on both databases."""
    table = rows if term.table == jobs.name else TABLES[term.table]
    return sort_key(table, term.column)
