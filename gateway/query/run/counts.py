"""Counts of a list's rows: all of them, or no further than a limit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphql import GraphQLError

from gateway.errors import ErrorCode, InputError
from gateway.query.document.selection import FieldSelection, read_arguments
from gateway.query.plan.pages import Page
from gateway.query.plan.plan import ConnectionPlan
from gateway.query.plan.shapes import PageShape
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Broken
from gateway.query.sql.counts import select_bounded_count, select_count
from gateway.store.engine import Row

# What a connection at the root is under.
ROOT = None
ROOTS = (ROOT,)

Counts = Mapping[Any, int]


async def read_counts(reading: Reading, plan: ConnectionPlan, page: Page) -> Counts:
    """Count the rows of each parent's whole list."""
    rows = await reading.fetch(page.values, select_count, to_list_shape(page.shape))
    return by_parent(rows, plan)


async def read_bounded_counts(
    reading: Reading, plan: ConnectionPlan, page: Page, parents: Sequence[Any]
) -> Mapping[Any, Mapping[str, int | Broken]]:
    """Count no further than each `countUpTo` says, by parent and response key."""
    limits = {field.key: to_limit(reading, field) for field in plan.bounded_counts}
    numbers = [limit for limit in limits.values() if isinstance(limit, int)]
    counts = await count_up_to(reading, plan, page, max(numbers)) if numbers else {}
    return {
        parent: {
            key: min(counts.get(parent, 0), limit) if isinstance(limit, int) else limit
            for key, limit in limits.items()
        }
        for parent in parents
    }


async def count_up_to(
    reading: Reading, plan: ConnectionPlan, page: Page, limit: int
) -> Counts:
    """Count the rows of each parent's whole list, no further than a limit."""
    values = {**page.values, "count_limit": limit}
    shape = to_list_shape(page.shape)
    return by_parent(await reading.fetch(values, select_bounded_count, shape), plan)


def to_limit(reading: Reading, field: FieldSelection) -> int | Broken:
    """Read how far a field counts."""
    try:
        limit: int = read_arguments(field, reading.variable_values)["limit"]
    except GraphQLError as exc:
        broken = Broken(exc.message, ErrorCode.BAD_USER_INPUT, exc.nodes or ())
        return reading.break_at(broken)
    if limit >= 0:
        return limit
    error = InputError(f"limit is {limit}; give 0 or more")
    return reading.break_at(Broken(error.message, error.code))


def to_list_shape(shape: PageShape) -> PageShape:
    """Give the shape of the whole list that a page is of."""
    return replace(
        shape, columns=(), is_descending=False, is_after=False, is_before=False
    )


def by_parent(rows: Sequence[Row], plan: ConnectionPlan) -> Counts:
    """Give the counts by the parent that stands behind them."""
    if plan.parent_key is None:
        return {ROOT: rows[0][0]}
    return {row[1]: row[0] for row in rows}
