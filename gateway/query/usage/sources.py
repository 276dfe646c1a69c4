"""Usage requests to where their figures come from: kept figures, or the jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from gateway.query.plan.filters import Filter, Operator, matches_nothing
from gateway.query.run.reading import Reading
from gateway.query.tenant import Tenant
from gateway.query.usage.buckets import to_ms, to_slot_ms
from gateway.query.usage.figures import Figures, Key, Metrics, Parts
from gateway.query.usage.points import select_usage
from gateway.query.usage.ranges import Ranges, to_ranges
from gateway.query.usage.request import UsageRequest, check_rows
from gateway.query.usage.statements import UsageShape, select_usage_of_jobs
from gateway.store.portable import encode_rows
from gateway.store.usage.spans import EVERYTHING, from_usage_key, to_usage_key

PROJECT = "project_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """Which pre-aggregated spans answer a request.

    Attributes:
        project: The only one whose jobs count; None: those of all projects count.
        dimension: The column of jobs that they are split by; empty: by none.
    """

    project: int | None
    dimension: str


async def read_figures(
    reading: Reading, request: UsageRequest, edges: Sequence[int], *, wants_costs: bool
) -> Figures:
    """Read the figures of all groups, in one statement.

    Args:
        reading: What to read with.
        request: What is asked.
        edges: Of the parts of the window, in ms since 1970.
        wants_costs: Whether what the jobs cost is asked for.
    """
    if matches_nothing(request.restriction):
        return Figures(groups=(), totals=Metrics())
    shape = to_shape(request, reading.tenant, edges, wants_costs=wants_costs)
    values = to_values(request, reading.tenant, edges)
    aggregate = choose_aggregate(request, reading.tenant)
    if aggregate is None:
        parts = Parts(edges, values["slot_ms"], None, tuple)
        rows = await reading.fetch(values, select_usage_of_jobs, shape)
    else:
        ranges = to_ranges(edges)
        read_key = partial(read_span_key, request.dimensions, aggregate)
        parts = Parts(edges, values["slot_ms"], ranges.effects, read_key)
        dimensions = (aggregate.dimension,) if aggregate.dimension else ()
        shape = replace(shape, dimensions=dimensions)
        values |= to_span_values(aggregate, ranges, shape)
        has_partial_hours = bool(ranges.partial_hours)
        rows = await reading.fetch(
            values, select_usage, shape, has_partial_hours=has_partial_hours
        )
        check_rows(len(rows))
    with reading.timings.measure("shape"):
        return parts.measure(rows)


def choose_aggregate(request: UsageRequest, tenant: Tenant) -> Aggregate | None:
    """Choose the spans that answer a request; None: none do."""
    projects = find_projects(request.restriction, tenant)
    if projects is None or len(request.dimensions) > 1 or len(projects) > 1:
        return None
    (project,) = projects or {None}
    (dimension,) = request.dimensions or (EVERYTHING,)
    if project is not None and dimension == PROJECT:
        dimension = EVERYTHING
    return Aggregate(project=project, dimension=dimension)


def find_projects(restriction: Filter, tenant: Tenant) -> frozenset[int] | None:
    """Give the projects whose jobs count, none for all; None: it says more than that.

    Projects that no job can be of together are more than one.
    """
    found = set() if tenant.project_id is None else {tenant.project_id}
    for predicate in restriction.predicates:
        if predicate.column != PROJECT or predicate.operator != Operator.ANY:
            return None
        found.update(restriction.values[predicate.parameter])
    return frozenset(found)


def read_span_key(
    dimensions: tuple[str, ...], aggregate: Aggregate, raw: Sequence[Any]
) -> Key:
    """Read the values of dimensions from the key of spans."""
    if not dimensions:
        return ()
    if not aggregate.dimension:
        return (aggregate.project,)
    return (from_usage_key(aggregate.dimension, raw[0]),)


def to_shape(
    request: UsageRequest, tenant: Tenant, edges: Sequence[int], *, wants_costs: bool
) -> UsageShape:
    """Give what is asked, apart from its values."""
    return UsageShape(
        dimensions=request.dimensions,
        predicates=request.restriction.predicates,
        in_project=tenant.project_id is not None,
        is_slotted=len(edges) > 2,  # noqa: PLR2004 -- the start and the end
        wants_costs=wants_costs,
    )


def to_values(
    request: UsageRequest, tenant: Tenant, edges: Sequence[int]
) -> dict[str, Any]:
    """Give the values of the parameters that statements over jobs have."""
    return {
        **tenant.values,
        **request.restriction.values,
        "window_start": edges[0],
        "window_end": edges[-1],
        "as_of": to_ms(request.as_of),
        "first_edge": edges[1],
        "slot_ms": to_slot_ms(edges),
    }


def to_span_values(
    aggregate: Aggregate, ranges: Ranges, shape: UsageShape
) -> Mapping[str, Any]:
    """Give the values of the parameters that only spans need."""
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
