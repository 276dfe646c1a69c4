"""What the oracle does not reach: pages of groups' jobs, and the rules by example."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.records import JobRecord, JobStatus, Money
from gateway.settings import Settings
from gateway.store.database import Database
from tests.factories import NOON, make_job, put
from tests.schema.asking import ask

HOUR = timedelta(hours=1)
QUERY = """
    query($start: DateTime!, $end: DateTime!, $after: String) {
        usageSummary(startDate: $start, endDate: $end, groupBy: []) {
            summary {
                jobCount lengthMs cost { amount }
                jobs(first: 1, after: $after) {
                    nodes { jobIdentifier } pageInfo { endCursor hasNextPage }
                }
            }
            totals { jobCount lengthMs cost { amount } }
        }
    }
"""


def make_run(start: datetime, length_ms: int) -> JobRecord:
    return make_job(
        status=JobStatus.COMPLETED,
        started_at=start,
        elapsed_ms=length_ms,
        cost=Money(amount=Decimal("0.5"), currency="USD"),
    )


async def summarise(
    settings: Settings,
    database: Database,
    window: tuple[datetime, datetime],
    after: str | None = None,
) -> Any:  # noqa: ANN401 -- a response value
    start, end = (instant.isoformat() for instant in window)
    variables = {"start": start, "end": end, "after": after}
    answer = await ask(settings, database, QUERY, variables)
    return answer.payload["data"]["usageSummary"]


async def test_the_jobs_behind_a_figure_are_paged(
    settings: Settings, database: Database
) -> None:
    records = [make_run(NOON, 1_000) for _ in range(3)]
    await put(database, "acme", *records)
    names: list[str] = []
    after = None
    goes_on = True
    while goes_on:
        found = await summarise(settings, database, (NOON, NOON + HOUR), after)
        page = found["summary"][0]["jobs"]
        names += [node["jobIdentifier"] for node in page["nodes"]]
        after, goes_on = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert names == [record.job_identifier for record in reversed(records)]


@pytest.mark.parametrize(
    ("length_ms", "counted_before", "counted_after"),
    [(3_600_000, [(1, 3_600_000, "0.5")], []), (0, [(1, 0, "0.5")], [])],
    ids=["ends at the edge", "has no length"],
)
async def test_a_run_costs_where_its_last_moment_is(
    length_ms: int,
    counted_before: list[tuple[int, int, str]],
    counted_after: list[tuple[int, int, str]],
    settings: Settings,
    database: Database,
) -> None:
    await put(database, "acme", make_run(NOON, length_ms))
    edge = NOON + HOUR
    for window, expected in (
        ((NOON, edge), counted_before),
        ((edge, edge + HOUR), counted_after),
    ):
        found = await summarise(settings, database, window)
        figures = [
            (group["jobCount"], group["lengthMs"], group["cost"][0]["amount"])
            for group in found["summary"]
        ]
        assert figures == expected


async def test_nothing_is_inside_a_window_of_no_length(
    settings: Settings, database: Database
) -> None:
    await put(database, "acme", make_run(NOON - HOUR, 7_200_000))
    found = await summarise(settings, database, (NOON, NOON))
    assert found == {
        "summary": [],
        "totals": {"jobCount": 0, "lengthMs": 0, "cost": []},
    }


async def test_groups_of_equal_length_follow_their_numbers(
    settings: Settings, database: Database
) -> None:
    runs = [
        make_job(
            project_id=project_id,
            status=JobStatus.COMPLETED,
            started_at=NOON,
            elapsed_ms=1,
        )
        for project_id in (10, None, 9)
    ]
    await put(database, "acme", *runs)
    query = """{ usageSummary(startDate: "2026-01-01T00:00:00Z", groupBy: [PROJECT],
        endDate: "2026-02-01T00:00:00Z") { summary { projectId } } }"""
    answer = await ask(settings, database, query)
    groups = answer.payload["data"]["usageSummary"]["summary"]
    assert [group["projectId"] for group in groups] == [9, 10, None]
