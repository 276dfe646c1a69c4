from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from gateway.cli.made_jobs import make_jobs
from gateway.dialects import edge_impulse, modzy, sharedcloud
from gateway.dialects.context import DecodeContext
from gateway.records import JobRecord, JobSource, JobStatus
from gateway.store.batches import WriteCounts
from gateway.store.database import Database
from tests.factories import put

NOW = datetime(2026, 3, 4, 15, 26, 53, 589_000, tzinfo=UTC)
JOBS = list(make_jobs(6_000, NOW, seed=7))
UTC_ZONE = ZoneInfo("UTC")


def through_modzy(record: JobRecord, context: DecodeContext) -> JobRecord:
    return modzy.decode_job(modzy.encode_job(record), context)


def through_edge_impulse(record: JobRecord, context: DecodeContext) -> JobRecord:
    return edge_impulse.decode_job(edge_impulse.encode_job(record), context)


def through_sharedcloud(record: JobRecord, context: DecodeContext) -> JobRecord:
    document = sharedcloud.encode_job(record, time_zone=UTC_ZONE)
    return sharedcloud.decode_job(document, context)


def test_the_same_seed_makes_the_same_jobs() -> None:
    assert list(make_jobs(300, NOW, seed=3)) == list(make_jobs(300, NOW, seed=3))
    assert list(make_jobs(300, NOW, seed=3)) != list(make_jobs(300, NOW, seed=4))


@pytest.mark.parametrize("count", [0, 1, 2, 1_000])
def test_as_many_jobs_are_made_as_asked_for(count: int) -> None:
    assert len(list(make_jobs(count, NOW, seed=1))) == count


def test_two_accounts_have_jobs_of_all_sources() -> None:
    sources = {JobSource.MODZY, JobSource.EDGE_IMPULSE, JobSource.SHAREDCLOUD}
    pairs = {(account, record.source) for account, record in JOBS}
    assert pairs == {
        (name, source) for name in ("acme", "globex") for source in sources
    }


def test_jobs_have_all_statuses_and_few_are_unknown() -> None:
    statuses = [record.status for _, record in JOBS]
    assert set(statuses) == set(JobStatus)
    assert 0 < statuses.count(JobStatus.UNKNOWN) < len(JOBS) / 50


def test_jobs_come_in_order_and_fill_90_days() -> None:
    instants = [record.created_at for _, record in JOBS]
    assert all(before <= after for before, after in pairwise(instants))
    assert instants[-1] <= NOW
    assert NOW - timedelta(days=90) <= instants[0] < NOW - timedelta(days=85)


def test_nothing_happens_after_now() -> None:
    for _, record in JOBS:
        known = (record.started_at, record.finished_at, record.updated_at)
        assert all(instant <= NOW for instant in known if instant is not None)


def test_working_days_are_busier_than_weekends() -> None:
    days = [record.created_at.weekday() for _, record in JOBS]
    assert days.count(2) > 2 * days.count(6)


def test_identifiers_are_unique() -> None:
    identities = {(record.source, record.job_identifier) for _, record in JOBS}
    assert len(identities) == len(JOBS)


@pytest.mark.parametrize(
    ("source", "through"),
    [
        (JobSource.MODZY, through_modzy),
        (JobSource.EDGE_IMPULSE, through_edge_impulse),
        (JobSource.SHAREDCLOUD, through_sharedcloud),
    ],
)
def test_jobs_are_as_their_source_reports_them(
    source: JobSource, through: Callable[[JobRecord, DecodeContext], JobRecord]
) -> None:
    records = [record for _, record in JOBS if record.source is source]
    for record in records:
        context = DecodeContext(project_id=record.project_id, time_zone=UTC_ZONE)
        assert through(record, context) == record


async def test_made_jobs_can_be_stored(database: Database) -> None:
    records = [record for account, record in JOBS[-1_000:] if account == "acme"]
    assert await put(database, "acme", *records) == WriteCounts(new=len(records))
