"""Read the figures of a usage request, from pre-aggregated spans or from the jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from gateway.query.plan.filters import Filter, Operator, matches_nothing
from gateway.query.run.reading import Reading
from gateway.query.tenant import Tenant
from gateway.query.usage.buckets import choose_slot_ms, to_epoch_ms
from gateway.query.usage.figures import Buckets, Key, Metrics, UsageFigures
from gateway.query.usage.ranges import RangesPlan, plan_ranges
from gateway.query.usage.request import UsageRequest, check_rows
from gateway.query.usage.sql_jobs import UsageShape, select_usage_of_jobs
from gateway.query.usage.sql_usage import select_usage
from gateway.store.portable import encode_rows
from gateway.store.usage.spans import EVERYTHING, from_usage_key, to_usage_key

PROJECT = "project_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """The pre-aggregated spans that answer a request.

    Attributes:
        project: The project whose jobs count; None: all.
        dimension: The column of jobs that they are grouped by; empty: none.
    """

    project: int | None
    dimension: str


async def read_figures(
    reading: Reading, request: UsageRequest, edges: Sequence[int], *, wants_costs: bool
) -> UsageFigures:
    """Read the figures of all groups, in one statement.

    Args:
        reading: What to read with.
        request: What is asked.
        edges: Those of the buckets, in ms since 1970.
        wants_costs: Whether costs are asked for.
    """
    if matches_nothing(request.restriction):
        return UsageFigures(groups=(), totals=Metrics())
    shape, values = plan_usage(request, reading.tenant, edges, wants_costs=wants_costs)
    aggregate = choose_aggregate(request, reading.tenant)
    if aggregate is None:
        buckets = Buckets(edges, values["slot_ms"], None, tuple)
        rows = await reading.fetch(values, select_usage_of_jobs, shape)
    else:
        ranges = plan_ranges(edges)
        read_key = partial(key_of_span, request.dimensions, aggregate)
        buckets = Buckets(edges, values["slot_ms"], ranges.effects, read_key)
        dimensions = (aggregate.dimension,) if aggregate.dimension else ()
        shape = replace(shape, dimensions=dimensions)
        values |= span_values(aggregate, ranges, shape)
        has_partial_hours = bool(ranges.partial_hours)
        rows = await reading.fetch(
            values, select_usage, shape, has_partial_hours=has_partial_hours
        )
        check_rows(len(rows))
    with reading.timings.measure("shape"):
        return buckets.measure(rows)


def choose_aggregate(request: UsageRequest, tenant: Tenant) -> Aggregate | None:
    """Choose the spans that answer a request; None: none do."""
    projects = restricted_projects(request.restriction, tenant)
    if projects is None or len(request.dimensions) > 1 or len(projects) > 1:
        return None
    (project,) = projects or {None}
    (dimension,) = request.dimensions or (EVERYTHING,)
    if project is not None and dimension == PROJECT:
        dimension = EVERYTHING
    return Aggregate(project=project, dimension=dimension)


def restricted_projects(restriction: Filter, tenant: Tenant) -> frozenset[int] | None:
    """List the projects that a filter restricts jobs to; an empty set is all.

    Returns:
        None where the filter has other predicates. Several projects may come from
        separate predicates, which no job can match together.
    """
    found = set() if tenant.project_id is None else {tenant.project_id}
    for predicate in restriction.predicates:
        if predicate.column != PROJECT or predicate.operator != Operator.ANY:
            return None
        found.update(restriction.values[predicate.parameter])
    return frozenset(found)


def key_of_span(
    dimensions: tuple[str, ...], aggregate: Aggregate, raw: Sequence[Any]
) -> Key:
    """Convert the key of spans to a GROUP BY key."""
    if not dimensions:
        return ()
    if not aggregate.dimension:
        return (aggregate.project,)
    return (from_usage_key(aggregate.dimension, raw[0]),)


def plan_usage(
    request: UsageRequest, tenant: Tenant, edges: Sequence[int], *, wants_costs: bool
) -> tuple[UsageShape, dict[str, Any]]:
    """Plan selects from jobs: their shape, and the values of their bind parameters."""
    shape = UsageShape(
        dimensions=request.dimensions,
        predicates=request.restriction.predicates,
        in_project=tenant.project_id is not None,
        is_slotted=len(edges) > 2,  # noqa: PLR2004 -- the start and the end
        wants_costs=wants_costs,
    )
    values = {
        **tenant.values,
        **request.restriction.values,
        "window_start": edges[0],
        "window_end": edges[-1],
        "as_of": to_epoch_ms(request.as_of),
        "first_edge": edges[1],
        "slot_ms": choose_slot_ms(edges),
    }
    return shape, values


def span_values(
    aggregate: Aggregate, ranges: RangesPlan, shape: UsageShape
) -> Mapping[str, Any]:
    """Give the values of the further bind parameters of selects from spans."""
    effects = [
        (class_id,) if shape.is_slotted else (effect.of(0), effect.of(1))
        for class_id, effect in enumerate(ranges.effects)
    ]
    return {
        "figures_project": to_usage_key(aggregate.project),
        "figures_dimension": aggregate.dimension,
        "spans": encode_rows(
            (*effects[found.class_id], found.span_hours, found.first, found.after)
            for found in ranges.spans
        ),
        "partial_hours": encode_rows(
            (found.class_id, found.first, found.after) for found in ranges.partial_hours
        ),
    }
