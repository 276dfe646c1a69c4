"""Lists of jobs to their records: the page, its inputs, what comes behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.query.plan.filters import any_of, matches_nothing
from gateway.query.plan.job_lists import NEWEST_FIRST, Listing, to_shape
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
    """The jobs of a listing, and the listing of those behind them.

    Attributes:
        rest: None where there are none, and where the order is another than that of
            creation.
    """

    records: Sequence[JobRecord]
    rest: Listing | None


async def read_jobs(reading: Reading, listing: Listing) -> JobPage:
    """Read the jobs that a listing asks for.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    if matches_nothing(listing.restriction):
        return JobPage(records=(), rest=None)
    shape, values = to_shape(listing, reading.tenant)
    columns = RECORD_COLUMNS + (LOG_COLUMNS if listing.has_logs else ())
    rows = await reading.fetch(values, select_jobs, shape, columns)
    inputs = await read_inputs(reading, listing, rows)
    with reading.timings.measure("shape"):
        records = [to_job_record(row, inputs.get(row[JOB_ID], ())) for row in rows]
    return JobPage(records=records, rest=to_rest(listing, rows, records))


async def read_job(
    reading: Reading, source: JobSource, identifier: str, project_id: int | None = None
) -> JobRecord | None:
    """Read one job with what it printed; None where there is none.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    listing = Listing(
        source=source,
        project_id=project_id,
        restriction=any_of("job_identifier", [identifier]),
        order=(),
        limit=1,
        has_logs=True,
    )
    page = await read_jobs(reading, listing)
    return page.records[0] if page.records else None


async def count_jobs(
    reading: Reading, listing: Listing, *, most: int | None = None
) -> int:
    """Count the jobs of a listing, wherever its part begins and ends.

    Args:
        reading: What to read with.
        listing: What is counted.
        most: Where to stop counting; None counts all.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    if matches_nothing(listing.restriction):
        return 0
    shape, values = to_shape(listing, reading.tenant)
    ((count,),) = await reading.fetch(
        {**values, "limit": most}, select_job_count, shape, is_bounded=most is not None
    )
    return int(count)


def to_rest(
    listing: Listing, rows: Sequence[Row], records: Sequence[JobRecord]
) -> Listing | None:
    """Give the listing that begins behind the last of a page's jobs."""
    if len(rows) < listing.limit or listing.order != (NEWEST_FIRST,):
        return None
    after = to_micros(records[-1].created_at), rows[-1][JOB_ID]
    return replace(listing, after=after, offset=0)


async def read_inputs(
    reading: Reading, listing: Listing, rows: Sequence[Row]
) -> Mapping[int, Sequence[JobInputRecord]]:
    """Read the inputs of jobs, by their numbers; only Modzy's documents have any."""
    found: dict[int, list[JobInputRecord]] = {}
    if listing.source is not JobSource.MODZY or not rows:
        return found
    values = {**reading.tenant.values, JOB_IDS: [row[JOB_ID] for row in rows]}
    in_project = reading.tenant.project_id is not None
    for row in await reading.fetch(
        values, select_job_inputs, INPUT_COLUMNS, in_project=in_project
    ):
        job_id, item = to_input_record(row)
        found.setdefault(job_id, []).append(item)
    return found
