"""Usage requests to answers: how long runs lay inside a window."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.query.run.reading import Reading
from gateway.query.usage.buckets import bucket_edges
from gateway.query.usage.figures import Group, Metrics, UsageFigures
from gateway.query.usage.order import fill_empty_groups, order_groups
from gateway.query.usage.read_figures import read_figures
from gateway.query.usage.request import UsageRequest, check_groups, check_usage
from gateway.query.usage.times import NO_TIMES, WantedTimes, add_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The answer to a request: groups by bucket, then in the order that is asked."""

    request: UsageRequest
    groups: Sequence[Group]
    totals: Metrics


async def read_usage(
    reading: Reading,
    request: UsageRequest,
    *,
    wants_costs: bool = False,
    wanted_times: WantedTimes = NO_TIMES,
) -> Usage:
    """Read the usage that is asked for.

    Raises:
        InputError: The request is invalid, or the answer would be too large.
    """
    check_usage(request)
    edges = bucket_edges(request.window, request.bucket, request.time_zone)
    if edges[0] == edges[-1]:  # an empty window has no usage, whatever runs
        return Usage(request=request, groups=(), totals=Metrics())
    figures = await read_figures(reading, request, edges, wants_costs=wants_costs)
    groups = complete_groups(figures, request, edges)
    await add_times(reading, request, edges, figures, wanted_times)
    return Usage(
        request=request,
        groups=await order_groups(reading, request, groups),
        totals=figures.totals,
    )


def complete_groups(
    figures: UsageFigures, request: UsageRequest, edges: Sequence[int]
) -> Sequence[Group]:
    """Check the number of groups, and add empty ones if they are asked for."""
    if not request.fills_empty:
        check_groups(len(figures.groups), 1)
        return figures.groups
    keys = {group.key for group in figures.groups}
    if not request.dimensions:
        keys.add(())
    check_groups(len(keys), len(edges) - 1)
    return fill_empty_groups(figures.groups, edges, keys)
