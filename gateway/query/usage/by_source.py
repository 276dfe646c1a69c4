"""A window to what the jobs of one source used in a project, by category."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.query.document.selection import NO_VARIABLES
from gateway.query.document.timing import Timings
from gateway.query.plan.filters import Filter, any_of, join
from gateway.query.plan.pages import PageSizes
from gateway.query.run.reading import Reading
from gateway.query.tenant import Tenant
from gateway.query.usage.buckets import Window
from gateway.query.usage.figures import Group
from gateway.query.usage.request import UsageRequest
from gateway.query.usage.summary import read_usage
from gateway.query.usage.times import WantedTimes
from gateway.store.database import Database
from gateway.store.known_jobs import JobScope

NO_TIMES = WantedTimes()
NO_PAGES = PageSizes(default=1, maximum=1)


async def read_category_sums(
    database: Database, scope: JobScope, start: datetime, end: datetime
) -> Mapping[str, tuple[int, int]]:
    """Read what each category used, outside of any request.

    Returns:
        Milliseconds and jobs; those without a category are of none.

    Raises:
        DatabaseUnavailableError: The database cannot be reached.
    """
    window = Window(start=start, end=end)
    async with database.reading() as reader:
        reading = Reading(
            database=database,
            reader=reader,
            tenant=Tenant(account=scope.account, project_id=scope.project_id),
            page_sizes=NO_PAGES,
            variable_values=NO_VARIABLES,
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
    window: Window,
    as_of: datetime,
) -> Sequence[Group]:
    """Read the groups by category of a project, or of all, the longest first.

    Figures are kept by category and by source, not by both: where all of a project's
    jobs in the window are the source's, those by category are the answer. Else the
    jobs are read.

    Raises:
        InputError: The window is turned round, or there are too many categories.
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
    sources = {group.key for group in await read_groups(reading, request)}
    if not sources <= {(source,)}:
        of_source = any_of("source", [source], "summary_source")
        request = replace(request, restriction=join([of_project, of_source]))
    return await read_groups(reading, replace(request, dimensions=("category",)))


async def read_groups(reading: Reading, request: UsageRequest) -> Sequence[Group]:
    """Read the groups of a request."""
    usage = await read_usage(reading, request, wants_costs=False, wanted_times=NO_TIMES)
    return usage.groups
