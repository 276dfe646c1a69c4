"""Usage: how long runs lay inside a window, split by dimensions and parts of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.query.run.reading import Reading
from gateway.query.usage.buckets import to_edges
from gateway.query.usage.figures import Figures, Group, Metrics
from gateway.query.usage.order import fill, put_in_order
from gateway.query.usage.request import UsageRequest, check_request, check_size
from gateway.query.usage.sources import read_figures
from gateway.query.usage.times import WantedTimes, add_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The answer: groups by time, and in each part of it as they were asked for."""

    request: UsageRequest
    groups: Sequence[Group]
    totals: Metrics


async def read_usage(
    reading: Reading,
    request: UsageRequest,
    *,
    wants_costs: bool,
    wanted_times: WantedTimes,
) -> Usage:
    """Compute the usage that is asked for.

    Raises:
        InputError: The window is turned round, or the answer would be too large.
    """
    check_request(request)
    edges = to_edges(request.window, request.bucket, request.time_zone)
    if edges[0] == edges[-1]:  # nothing is inside, not even what runs on through it
        return Usage(request=request, groups=(), totals=Metrics())
    figures = await read_figures(reading, request, edges, wants_costs=wants_costs)
    groups = to_groups(figures, request, edges)
    await add_times(reading, request, edges, figures, wanted_times)
    return Usage(
        request=request,
        groups=await put_in_order(reading, request, groups),
        totals=figures.totals,
    )


def to_groups(
    figures: Figures, request: UsageRequest, edges: Sequence[int]
) -> Sequence[Group]:
    """Check how many groups there are, and add the empty ones that are asked for."""
    if not request.fills_empty:
        check_size(len(figures.groups), 1)
        return figures.groups
    keys = {group.key for group in figures.groups}
    if not request.dimensions:
        keys.add(())
    check_size(len(keys), len(edges) - 1)
    return fill(figures.groups, edges, keys)
