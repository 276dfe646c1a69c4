"""Lists of jobs to their records: the page, its inputs, what comes behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.query.filters import Filter, any_of
from gateway.query.job_lists import (
    JOB_IDS,
    NEWEST_FIRST,
    ListShape,
    OrderTerm,
    to_inputs,
    to_list,
    to_list_count,
)
from gateway.query.job_records import (
    LOG_COLUMNS,
    RECORD_COLUMNS,
    to_input_record,
    to_job_record,
)
from gateway.query.reading import Reading
from gateway.query.similar import Similar, Words, to_possible, to_word_values
from gateway.records import JobInputRecord, JobRecord, JobSource
from gateway.store.columns import to_micros
from gateway.store.engine import Row

__all__ = ["JobPage", "Listing", "WordFilter", "count_jobs", "read_job", "read_jobs"]

JOB_ID = RECORD_COLUMNS.index(("jobs", "job_id"))
UNRESTRICTED = Filter(values={})


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFilter:
    """Words, and where they must be; see `Similar`."""

    table: str
    columns: tuple[str, ...]
    whole: tuple[str, ...] = ()
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is asked for: jobs of one source in an order, and a part of them.

    Attributes:
        project_id: The only project whose jobs are wanted; None: those of all.
        has_logs: Whether what the jobs printed is read.
        after: The job that it begins behind: its instant of creation in µs, its number.
    """

    source: JobSource
    project_id: int | None = None
    restriction: Filter = UNRESTRICTED
    words: tuple[WordFilter, ...] = ()
    order: tuple[OrderTerm, ...] = (NEWEST_FIRST,)
    limit: int
    offset: int = 0
    has_logs: bool = False
    after: tuple[int, int] | None = None


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
    shape, values = to_shape(reading, listing)
    columns = RECORD_COLUMNS + (LOG_COLUMNS if listing.has_logs else ())
    statement = to_list(shape, columns, reading.database.reader)
    values |= {"limit": listing.limit, "offset": listing.offset}
    rows = await reading.fetch(statement, values)
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
    shape, values = to_shape(reading, listing)
    statement = to_list_count(
        shape, reading.database.reader, is_bounded=most is not None
    )
    ((count,),) = await reading.fetch(statement, values | {"limit": most})
    return int(count)


def to_shape(reading: Reading, listing: Listing) -> tuple[ListShape, dict[str, Any]]:
    """Tell a listing's shape from its values."""
    tenant = reading.tenant
    project_id = tenant.project_id if listing.project_id is None else listing.project_id
    words = {
        f"words_{at}": replace(found, words=to_possible(found.words))
        for at, found in enumerate(listing.words)
    }
    shape = ListShape(
        in_project=tenant.project_id is not None,
        of_project=project_id is not None,
        predicates=listing.restriction.predicates,
        words=tuple(to_words(name, found) for name, found in words.items()),
        order=listing.order,
        is_after=listing.after is not None,
    )
    after_value, after_key = listing.after or (None, None)
    values = {
        **tenant.values,
        **listing.restriction.values,
        "source": listing.source.value,
        "of_project": project_id,
        "after_value": after_value,
        "after_key": after_key,
    }
    for name, found in words.items():
        values |= to_word_values(name, found.words)
    return shape, values


def to_words(parameter: str, found: WordFilter) -> Similar:
    """Tell where words must be, apart from the words."""
    return Similar(
        table=found.table,
        columns=found.columns,
        whole=found.whole,
        parameter=parameter,
        sizes=tuple(len(group) for group in found.words),
    )


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
    statement = to_inputs(
        reading.database.reader, in_project=reading.tenant.project_id is not None
    )
    values = {**reading.tenant.values, JOB_IDS: [row[JOB_ID] for row in rows]}
    for row in await reading.fetch(statement, values):
        job_id, item = to_input_record(row)
        found.setdefault(job_id, []).append(item)
    return found
