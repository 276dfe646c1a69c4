"""The usage of one source's jobs, by category."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.query.document.timing import Timings
from gateway.query.plan.filters import Filter, any_of, combine
from gateway.query.run.reading import Reading
from gateway.query.tenant import Tenant
from gateway.query.usage.buckets import TimeWindow
from gateway.query.usage.figures import Group
from gateway.query.usage.request import UsageRequest
from gateway.query.usage.summary import read_usage
from gateway.store.database import Database
from gateway.store.known_jobs import JobScope


async def read_category_sums(
    database: Database, scope: JobScope, start: datetime, end: datetime
) -> Mapping[str, tuple[int, int]]:
    """Read the usage of each category, outside of any request.

    Returns:
        Milliseconds and jobs by category; jobs without one are left out.

    Raises:
        DatabaseUnavailableError: The database cannot be reached.
    """
    window = TimeWindow(start=start, end=end)
    async with database.reading() as reader:
        reading = Reading(
            database=database,
            reader=reader,
            tenant=Tenant(account=scope.account, project_id=scope.project_id),
            timings=Timings(),
        )
        groups = await read_category_usage(
            reading, scope.source, scope.project_id, window, as_of=end
        )
    return {
        str(group.key[0]): (group.metrics.length_ms, group.metrics.job_count)
        for group in groups
        if group.key[0] is not None
    }


async def read_category_usage(
    reading: Reading,
    source: str,
    project_id: int | None,
    window: TimeWindow,
    as_of: datetime,
) -> Sequence[Group]:
    """Read the groups by category of a project, or of all, the longest first.

    Usage is pre-aggregated by category and by source, not by both. Where all of a
    project's jobs in the window are the source's, the pre-aggregated categories are the
    answer; else the jobs are read.

    Raises:
        InputError: The window's start is after its end, or there are too many
            categories.
    """
    of_project = Filter(values={})
    if project_id is not None:
        of_project = any_of("project_id", [project_id], "summary_project")
    request = UsageRequest(
        window=window,
        dimensions=("source",),
        bucket=None,
        time_zone="UTC",
        as_of=as_of,
        restriction=of_project,
    )
    by_source = await read_usage(reading, request)
    sources = {group.key for group in by_source.groups}
    if not sources <= {(source,)}:
        of_source = any_of("source", [source], "summary_source")
        request = replace(request, restriction=combine([of_project, of_source]))
    request = replace(request, dimensions=("category",))
    return (await read_usage(reading, request)).groups
