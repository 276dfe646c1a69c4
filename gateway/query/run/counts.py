"""Counts of a list's rows: all of them, or up to a limit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphql import GraphQLError

from gateway.errors import InputError
from gateway.query.document.selection import FieldSelection, coerce_arguments
from gateway.query.plan.pages import PagePlan
from gateway.query.plan.plan import ConnectionPlan
from gateway.query.plan.shapes import PageShape
from gateway.query.run.edges import ROOT
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Failure
from gateway.query.sql.counts import select_bounded_count, select_count
from gateway.store.engine import Row

Counts = Mapping[Any, int]


async def count_all(reading: Reading, plan: ConnectionPlan, page: PagePlan) -> Counts:
    """Count the rows of each parent's whole list."""
    rows = await reading.fetch(page.values, select_count, whole_list_shape(page.shape))
    return counts_by_parent(rows, plan)


async def read_bounded_counts(
    reading: Reading, plan: ConnectionPlan, page: PagePlan, parents: Sequence[Any]
) -> Mapping[Any, Mapping[str, int | Failure]]:
    """Count up to the limit of each `countUpTo`, by parent and response key."""
    limits = {field.key: coerce_limit(reading, field) for field in plan.bounded_counts}
    numbers = [limit for limit in limits.values() if isinstance(limit, int)]
    counts = await count_limited(reading, plan, page, max(numbers)) if numbers else {}
    return {
        parent: {
            key: min(counts.get(parent, 0), limit) if isinstance(limit, int) else limit
            for key, limit in limits.items()
        }
        for parent in parents
    }


async def count_limited(
    reading: Reading, plan: ConnectionPlan, page: PagePlan, limit: int
) -> Counts:
    """Count the rows of each parent's whole list, up to a limit."""
    values = {**page.values, "count_limit": limit}
    shape = whole_list_shape(page.shape)
    rows = await reading.fetch(values, select_bounded_count, shape)
    return counts_by_parent(rows, plan)


def coerce_limit(reading: Reading, field: FieldSelection) -> int | Failure:
    """Coerce the `limit` of a `countUpTo`; one that is invalid fails."""
    try:
        limit: int = coerce_arguments(field, reading.variable_values)["limit"]
    except GraphQLError as exc:
        return reading.fail(exc)
    if limit >= 0:
        return limit
    return reading.fail(InputError(f"limit is {limit}; give 0 or more"))


def whole_list_shape(shape: PageShape) -> PageShape:
    """Convert the shape of a page to that of its whole list."""
    return replace(
        shape, columns=(), is_descending=False, is_after=False, is_before=False
    )


def counts_by_parent(rows: Sequence[Row], plan: ConnectionPlan) -> Counts:
    """Map parents to their counts."""
    return {row[1] if plan.parent_key else ROOT: row[0] for row in rows}
