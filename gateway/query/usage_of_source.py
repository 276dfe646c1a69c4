"""A window to what each category of one source used, outside of any request."""

from collections.abc import Mapping
from datetime import datetime

from graphql.execution.values import VariableValues

from gateway.query.buckets import Window, to_edges
from gateway.query.filters import any_of
from gateway.query.pages import PageSizes, Tenant
from gateway.query.reading import Reading
from gateway.query.timing import Timings
from gateway.query.usage_request import UsageRequest
from gateway.query.usage_sources import read_figures
from gateway.store.database import Database
from gateway.store.known_jobs import JobScope

__all__ = ["read_category_usage"]

NO_VARIABLES = VariableValues({}, {})
NO_PAGES = PageSizes(default=1, maximum=1)


async def read_category_usage(
    database: Database, scope: JobScope, start: datetime, end: datetime
) -> Mapping[str, tuple[int, int]]:
    """Read how long runs lay in a window, and how many they were, by category.

    Returns:
        Milliseconds and jobs; those without a category are of none.

    Raises:
        DatabaseUnavailableError: The database cannot be reached.
    """
    request = UsageRequest(
        window=Window(start=start, end=end),
        dimensions=("category",),
        bucket=None,
        time_zone="UTC",
        as_of=end,
        restriction=any_of("source", [scope.source]),
    )
    async with database.reading() as reader:
        reading = Reading(
            database=database,
            reader=reader,
            tenant=Tenant(account=scope.account, project_id=scope.project_id),
            page_sizes=NO_PAGES,
            variable_values=NO_VARIABLES,
            timings=Timings(),
        )
        edges = to_edges(request.window, None, request.time_zone)
        figures = await read_figures(reading, request, edges, wants_costs=False)
    return {
        str(group.key[0]): (group.metrics.length_ms, group.metrics.job_count)
        for group in figures.groups
        if group.key[0] is not None
    }
