"""Lists of one source's jobs, by offset or from a job on: what is asked, to SQL.

A first select chooses the page by indexes alone, where the order has one; the rows are
read for those few jobs only.
"""

from dataclasses import dataclass
from functools import lru_cache
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
)
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.query.conditions import ordered, scope, to_condition
from gateway.query.filters import Predicate
from gateway.query.job_records import INPUT_COLUMNS
from gateway.query.plan import ColumnRef
from gateway.query.similar import Similar, to_similar
from gateway.query.sources import TABLES
from gateway.store.keyed import OrderedJoin, is_any_of, unindexed
from gateway.store.selects import Statement, to_statement
from gateway.store.tables import job_inputs, jobs

__all__ = [
    "JOB_IDS",
    "NEWEST_FIRST",
    "ListShape",
    "OrderTerm",
    "to_inputs",
    "to_list",
    "to_list_count",
]

# The parameter that holds the numbers of jobs.
JOB_IDS = "job_ids"

# The columns that jobs can be ordered by with an index of their own.
INDEXED = frozenset({"submitted_at", "started_at", "finished_at", "updated_at"})
JOIN_KEYS = {"models": "model_id", "users": "user_id", "job_logs": "job_id"}
NO_TEXT: ColumnElement[Any] = literal_column("''")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerm:
    """A column that rows are ordered by; texts that are unknown count as empty."""

    table: str = "jobs"
    column: str
    is_descending: bool = False


NEWEST_FIRST = OrderTerm(column="created_at", is_descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShape:
    """A list, apart from its values.

    Attributes:
        in_project: Whether the principal has a project.
        of_project: Whether the list is of one project.
        order: At least one term; the job's number breaks ties.
        is_after: Whether it begins behind a job; then its order is one term.
    """

    in_project: bool
    of_project: bool
    predicates: tuple[Predicate, ...] = ()
    words: tuple[Similar, ...] = ()
    order: tuple[OrderTerm, ...] = (NEWEST_FIRST,)
    is_after: bool = False

    @property
    def driver(self) -> str:
        """The column whose index brings the rows."""
        if any(found.column == "job_identifier" for found in self.predicates):
            return "job_identifier"
        first = self.order[0].column
        if first in INDEXED:
            return first
        return "project_id" if self.of_project else "source"


@lru_cache(maxsize=1_000)
def to_list(
    shape: ListShape, columns: tuple[ColumnRef, ...], engine: AsyncEngine
) -> Statement:
    """Write the select of a page of a list.

    Parameters: `account`, `project`, `source`, `of_project`, `limit`, `offset`, those
    of predicates and words, and `after_value` and `after_key`.
    """
    chosen = (
        select(jobs.c.account, jobs.c.job_id)
        .select_from(with_joins(jobs, [term.table for term in shape.order]))
        .where(*conditions(shape, engine))
        .order_by(*order_terms(shape))
        .limit(bindparam("limit", type_=BigInteger))
        .offset(bindparam("offset", type_=BigInteger))
    )
    page = chosen.subquery("page")
    same = and_(page.c.account == jobs.c.account, page.c.job_id == jobs.c.job_id)
    needed = [table for table, _ in columns] + [term.table for term in shape.order]
    rows = (
        select(
            *(TABLES[table].c[name].label(f"{table}_{name}") for table, name in columns)
        )
        .select_from(with_joins(OrderedJoin(page, jobs, same), needed))
        .order_by(*order_terms(shape))
    )
    return to_statement(rows, engine)


@lru_cache(maxsize=1_000)
def to_list_count(
    shape: ListShape, engine: AsyncEngine, *, is_bounded: bool
) -> Statement:
    """Write the count of a list's rows, perhaps one that stops at `limit`."""
    rows: Select[Any] = select(literal(1).label("one")).select_from(jobs)
    rows = rows.where(*conditions(shape, engine))
    if is_bounded:
        rows = rows.limit(bindparam("limit", type_=BigInteger))
    return to_statement(select(func.count()).select_from(rows.subquery()), engine)


@lru_cache(maxsize=10)
def to_inputs(engine: AsyncEngine, *, in_project: bool) -> Statement:
    """Write the select of the inputs of the jobs whose numbers are in `job_ids`."""
    chosen = select(*(job_inputs.c[name] for name in INPUT_COLUMNS)).where(
        scope(job_inputs, in_project=in_project),
        is_any_of(job_inputs.c.job_id, JOB_IDS, engine),
    )
    in_order = chosen.order_by(job_inputs.c.job_id, job_inputs.c.position)
    return to_statement(in_order, engine)


def with_joins(source: FromClause, tables: list[str]) -> FromClause:
    """Join what jobs name in other tables."""
    for name in dict.fromkeys(tables):
        if name == "jobs":
            continue
        other, key = TABLES[name], JOIN_KEYS[name]
        same = and_(other.c.account == jobs.c.account, other.c[key] == jobs.c[key])
        source = source.outerjoin(other, same)
    return source


def conditions(shape: ListShape, engine: AsyncEngine) -> list[ColumnElement[bool]]:
    """Choose the rows; only the driver's column may choose an index."""
    first = shape.order[0].column
    order = "job_identifier" if shape.driver == "job_identifier" else first
    found = [
        scope(jobs, in_project=shape.in_project),
        equals("source", shape),
        *(to_condition(p, jobs, engine, order=order) for p in shape.predicates),
        *(to_similar(words, engine) for words in shape.words),
    ]
    if shape.of_project:
        found.append(equals("project_id", shape, parameter="of_project"))
    if shape.is_after:
        found.append(is_behind(shape.order[0]))
    return found


def equals(column: str, shape: ListShape, parameter: str = "") -> ColumnElement[bool]:
    """Compare a column with its parameter."""
    compared: ColumnElement[Any] = jobs.c[column]
    if column != shape.driver:
        compared = unindexed(compared)
    return compared == bindparam(parameter or column)


def is_behind(term: OrderTerm) -> ColumnElement[bool]:
    """Choose the rows behind a job."""
    row = tuple_(ranked_by(term), jobs.c.job_id)
    at = tuple_(
        bindparam("after_value", type_=BigInteger),
        bindparam("after_key", type_=BigInteger),
    )
    return row < at if term.is_descending else row > at


def order_terms(shape: ListShape) -> list[ColumnElement[Any]]:
    """Give the order, in which no two jobs are alike."""
    last = OrderTerm(column="job_id", is_descending=shape.order[-1].is_descending)
    return [
        ranked_by(term).desc() if term.is_descending else ranked_by(term).asc()
        for term in (*shape.order, last)
    ]


def ranked_by(term: OrderTerm) -> ColumnElement[Any]:
    """Give what a term compares, the same on both databases."""
    column = TABLES[term.table].c[term.column]
    if column.nullable and issubclass(column.type.python_type, str):
        return func.coalesce(column, NO_TEXT)
    return ordered(TABLES[term.table], term.column)
