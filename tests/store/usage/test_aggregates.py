from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as profile, strategies as st
from sqlalchemy import text

from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    MoneyRecord,
    UserRecord,
)
from gateway.store.database import Database
from gateway.store.tables import (
    usage_costs,
    usage_points,
)
from gateway.store.usage.rebuild import rebuild_usage
from gateway.store.usage.verify import verify_usage
from tests.factories import NOON, make_job, put
from tests.store.tables import read_rows
from tests.store.usage.figures import add_up, read_figures, read_runs

TABLES = (usage_points, usage_costs)
HOUR = timedelta(hours=1)
ACCOUNTS = count(1)
LARGEST = Decimal(9_000_000_000)


def one_of(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


# Few values, so that jobs meet in the same figures; instants at edges and before 1970.
INSTANTS = st.builds(
    lambda start, hours, ms: start + timedelta(hours=hours, milliseconds=ms),
    one_of(NOON, datetime(1969, 12, 31, 22, tzinfo=UTC)),
    one_of(0, 0, 1, 2, 25, 400, 7000),
    one_of(0, 0, 1, 1_800_000, 3_599_999),
)
COSTS = st.builds(
    MoneyRecord,
    amount=one_of(Decimal(0), Decimal("-1.5"), Decimal("0.7"), LARGEST),
    currency=one_of("USD", "EUR"),
)
DOCUMENTS = st.builds(
    make_job,
    source=one_of(JobSource.MODZY, JobSource.SWF),
    job_identifier=one_of("a", "b", "c"),
    project_id=one_of(None, 7, 8),
    category=one_of(None, "", "train"),
    status=one_of(JobStatus.RUNNING, JobStatus.COMPLETED, JobStatus.FAILED),
    model=one_of(None, ModelRecord(identifier="m")),
    user=one_of(None, UserRecord(identifier="u"), UserRecord(identifier="v")),
    submitted_by=one_of(None, "key"),
    started_at=st.none() | INSTANTS,
    finished_at=st.none() | INSTANTS,
    elapsed_ms=one_of(None, 0, 1, 3_600_000, 90_000_000_000),
    cost=st.none() | COSTS,
    updated_at=one_of(NOON, NOON + HOUR, NOON - HOUR),
)


async def check(database: Database) -> None:
    """Compare all figures with those of the jobs, computed one by one."""
    runs = await read_runs(database)
    for table in TABLES:
        assert await read_figures(database, table) == add_up(table, runs)


# The database outlives the examples: each has an account of its own.
@profile(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=st.lists(st.lists(DOCUMENTS, min_size=1, max_size=6), max_size=5))
async def test_figures_are_those_of_the_jobs_after_any_changes(
    database: Database, changes: list[list[JobRecord]]
) -> None:
    account = f"account-{next(ACCOUNTS)}"
    for documents in changes:
        await put(database, account, *documents)
    await check(database)
    assert await verify_usage(database, account, limit=1) == []


@profile(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(documents=st.lists(DOCUMENTS, min_size=1))
async def test_figures_made_anew_are_those_that_were_kept(
    database: Database, documents: list[JobRecord]
) -> None:
    account = f"account-{next(ACCOUNTS)}"
    await put(database, account, *documents)
    kept = [await read_figures(database, table) for table in TABLES]
    await rebuild_usage(database, account)
    assert [await read_figures(database, table) for table in TABLES] == kept


def make_run(**changes: Any) -> JobRecord:  # noqa: ANN401 -- as make_job's
    """Make a job that ran for 90 minutes from noon on."""
    fields = {
        "job_identifier": "a",
        "status": JobStatus.COMPLETED,
        "started_at": NOON,
        "elapsed_ms": 5_400_000,
        "project_id": 7,
        "user": UserRecord(identifier="u"),
        "model": ModelRecord(identifier="m"),
        "cost": MoneyRecord(amount=Decimal("1.5"), currency="USD"),
        "inputs": (JobInputRecord(identifier="i"),),
        "logs": JobLogs(stdout="out"),
    }
    return make_job(**(fields | changes))


async def test_a_job_that_runs_is_in_no_figures(database: Database) -> None:
    running = make_run(status=JobStatus.RUNNING, elapsed_ms=None)
    await put(database, "acme", running)
    assert await read_rows(database, usage_points) == []
    await put(database, "acme", replace(running, finished_at=NOON + HOUR))
    assert await read_rows(database, usage_points) != []


async def test_costs_of_any_size_add_up(database: Database) -> None:
    cost = MoneyRecord(amount=LARGEST, currency="USD")
    names = [f"job-{number}" for number in range(5)]
    await put(database, "acme", *(make_run(job_identifier=n, cost=cost) for n in names))
    [row] = [
        row
        for row in await read_rows(database, usage_costs)
        if (row["project"], row["dimension"], row["span_hours"]) == ("", "", 24)
    ]
    assert (row["jobs"], row["units"], row["nanos"]) == (5, 45_000_000_000, 0)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE usage_points SET starts_ms = starts_ms + 1",
        "UPDATE usage_points SET ends = ends + 1 WHERE span_hours = 384",
        "DELETE FROM usage_points WHERE dimension = 'user_id' AND project = '=7'",
        "INSERT INTO usage_points VALUES ('acme', '', '', 1, 5, '', 0, 0, 0, 0)",
        "UPDATE usage_costs SET units = units - 1 WHERE span_hours = 1",
        "DELETE FROM usage_costs WHERE span_hours = 6144",
        "DELETE FROM jobs",
    ],
)
async def test_damage_is_found_and_repaired(database: Database, damage: str) -> None:
    await put(database, "acme", make_run())
    async with database.transaction() as conn:
        await conn.execute(text(damage))
    assert await verify_usage(database, "acme", limit=1) != []
    await rebuild_usage(database, "acme")
    assert await verify_usage(database, "acme", limit=1) == []
    await check(database)


async def test_figures_of_other_accounts_are_left_alone(database: Database) -> None:
    await put(database, "acme", make_run())
    await put(database, "globex", make_run())
    async with database.transaction() as conn:
        await conn.execute(text("DELETE FROM usage_points"))
    await rebuild_usage(database, "acme")
    assert await verify_usage(database, "acme", limit=1) == []
    assert await verify_usage(database, "globex", limit=1) != []
