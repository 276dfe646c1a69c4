"""Lists of jobs to records: a page of jobs, their inputs, and the next page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.query.plan.filters import any_of, matches_nothing
from gateway.query.plan.job_lists import NEWEST_FIRST, JobList, plan_job_list
from gateway.query.run.reading import Reading
from gateway.query.run.records import (
    INPUT_COLUMNS,
    LOG_COLUMNS,
    RECORD_COLUMNS,
    to_input_record,
    to_job_record,
)
from gateway.query.sql.job_lists import (
    JOB_IDS,
    select_job_count,
    select_job_inputs,
    select_jobs,
)
from gateway.records import JobInputRecord, JobRecord, JobSource
from gateway.store.columns import to_micros
from gateway.store.engine import Row

JOB_ID = RECORD_COLUMNS.index(("jobs", "job_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """The jobs of a listing, and the listing of the jobs after them.

    Attributes:
        rest: None on the last page, and where the order is not `NEWEST_FIRST`.
    """

    records: Sequence[JobRecord]
    rest: JobList | None


async def read_job_page(reading: Reading, listing: JobList) -> JobPage:
    """Read the jobs that a listing asks for.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    if matches_nothing(listing.restriction):
        return JobPage(records=(), rest=None)
    shape, values = plan_job_list(listing, reading.tenant)
    columns = RECORD_COLUMNS + (LOG_COLUMNS if listing.has_logs else ())
    rows = await reading.fetch(values, select_jobs, shape, columns)
    inputs: Mapping[int, Sequence[JobInputRecord]] = {}
    if listing.has_inputs and rows:
        inputs = await read_inputs(reading, [row[JOB_ID] for row in rows])
    with reading.timings.measure("shape"):
        records = [to_job_record(row, inputs.get(row[JOB_ID], ())) for row in rows]
    return JobPage(records=records, rest=next_listing(listing, rows, records))


async def read_record(
    reading: Reading,
    source: JobSource,
    identifier: str,
    project_id: int | None = None,
    *,
    has_inputs: bool = False,
) -> JobRecord | None:
    """Read one job with its logs, and perhaps its inputs; None where there is none.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    listing = JobList(
        source=source,
        project_id=project_id,
        restriction=any_of("job_identifier", [identifier]),
        order=(),
        limit=1,
        has_inputs=has_inputs,
        has_logs=True,
    )
    page = await read_job_page(reading, listing)
    return page.records[0] if page.records else None


async def read_job_count(
    reading: Reading, listing: JobList, *, most: int | None = None
) -> int:
    """Count the jobs of a listing, ignoring its limit and offset.

    Args:
        reading: What to read with.
        listing: Which jobs to count.
        most: Where to stop counting; None counts all.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    if matches_nothing(listing.restriction):
        return 0
    shape, values = plan_job_list(listing, reading.tenant)
    ((count,),) = await reading.fetch(
        {**values, "limit": most}, select_job_count, shape, is_bounded=most is not None
    )
    return int(count)


def next_listing(
    listing: JobList, rows: Sequence[Row], records: Sequence[JobRecord]
) -> JobList | None:
    """Make the listing that begins after the last job of a page."""
    if len(rows) < listing.limit or listing.order != (NEWEST_FIRST,):
        return None
    after = to_micros(records[-1].created_at), rows[-1][JOB_ID]
    return replace(listing, after=after, offset=0)


async def read_inputs(
    reading: Reading, job_ids: Sequence[int]
) -> Mapping[int, Sequence[JobInputRecord]]:
    """Read the inputs of jobs, by `job_id`."""
    found: dict[int, list[JobInputRecord]] = {}
    values = {**reading.tenant.values, JOB_IDS: job_ids}
    in_project = reading.tenant.project_id is not None
    for row in await reading.fetch(
        values, select_job_inputs, INPUT_COLUMNS, in_project=in_project
    ):
        job_id, item = to_input_record(row)
        found.setdefault(job_id, []).append(item)
    return found
