"""How much compute the jobs of one source used in a project, by category."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.query.buckets import Window
from gateway.query.filters import any_of, join
from gateway.query.reading import Reading
from gateway.query.usage import read_usage
from gateway.query.usage_figures import Group
from gateway.query.usage_request import UsageRequest
from gateway.query.usage_times import WantedTimes
from gateway.records import JobSource

__all__ = ["read_category_usage"]

NO_TIMES = WantedTimes(of_groups=(), of_totals=())


async def read_category_usage(
    reading: Reading,
    source: JobSource,
    project_id: int,
    window: Window,
    as_of: datetime,
) -> Sequence[Group]:
    """Read the groups by category, the longest first.

    Figures are kept by category and by source, not by both: where all of a project's
    jobs in the window are the source's, those by category are the answer. Else the
    jobs are read.

    Raises:
        InputError: The window is turned round, or there are too many categories.
    """
    of_project = any_of("project_id", [project_id], "summary_project")
    request = UsageRequest(
        window=window,
        dimensions=("source",),
        bucket=None,
        time_zone="UTC",
        as_of=as_of,
        restriction=of_project,
    )
    sources = {group.key for group in await read_groups(reading, request)}
    if not sources <= {(source.value,)}:
        of_source = any_of("source", [source.value], "summary_source")
        request = replace(request, restriction=join([of_project, of_source]))
    return await read_groups(reading, replace(request, dimensions=("category",)))


async def read_groups(reading: Reading, request: UsageRequest) -> Sequence[Group]:
    """Read the groups of a request."""
    usage = await read_usage(reading, request, wants_costs=False, wanted_times=NO_TIMES)
    return usage.groups
