"""What the oracle does not reach: pages of groups' jobs, and the rules by example."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.records import JobRecord, JobStatus, ModelRecord, MoneyRecord
from gateway.settings import Settings
from gateway.store.database import Database
from tests.factories import NOON, make_job, put
from tests.schema.asking import ask

HOUR = timedelta(hours=1)
QUERY = """
    query($start: DateTime!, $end: DateTime!, $after: String, $filter: JobFilter) {
        usageSummary(startDate: $start, endDate: $end, groupBy: [], filter: $filter) {
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
        cost=MoneyRecord(amount=Decimal("0.5"), currency="USD"),
    )


async def summarise(
    settings: Settings,
    database: Database,
    window: tuple[datetime, datetime],
    *,
    after: str | None = None,
    filter: Mapping[str, Any] | None = None,  # noqa: A002 -- GraphQL's name
) -> Any:  # noqa: ANN401 -- a response value
    start, end = (instant.isoformat() for instant in window)
    variables = {"start": start, "end": end, "after": after, "filter": filter}
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
        found = await summarise(settings, database, (NOON, NOON + HOUR), after=after)
        page = found["summary"][0]["jobs"]
        names += [node["jobIdentifier"] for node in page["nodes"]]
        after, goes_on = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert names == [record.job_identifier for record in reversed(records)]


@pytest.mark.parametrize(
    ("length_ms", "counted_before", "counted_after"),
    [(3_600_000, [(1, 3_600_000, "0.5")], []), (0, [(1, 0, "0.5")], [])],
    ids=["ends at the edge", "has no length"],
)
@pytest.mark.parametrize(
    "filter", [None, {"status": ["COMPLETED"]}], ids=["kept figures", "jobs"]
)
async def test_a_run_costs_where_its_last_moment_is(
    length_ms: int,
    counted_before: list[tuple[int, int, str]],
    counted_after: list[tuple[int, int, str]],
    filter: Mapping[str, Any] | None,  # noqa: A002 -- GraphQL's name
    settings: Settings,
    database: Database,
) -> None:
    await put(database, "acme", make_run(NOON, length_ms))
    edge = NOON + HOUR
    for window, expected in (
        ((NOON, edge), counted_before),
        ((edge, edge + HOUR), counted_after),
    ):
        found = await summarise(settings, database, window, filter=filter)
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


def make_timed(category: str | None, *, hour: int, **times: int) -> JobRecord:
    return make_job(
        category=category,
        status=JobStatus.COMPLETED,
        started_at=NOON + hour * HOUR,
        **times,
    )


async def ask_summary(
    settings: Settings, database: Database, arguments: str, selected: str
) -> Any:  # noqa: ANN401 -- a response value
    window = 'startDate: "2026-01-15T11:30:00Z", endDate: "2026-01-15T15:00:00Z"'
    query = f"{{ usageSummary({window}, {arguments}) {{ {selected} }} }}"
    answer = await ask(settings, database, query)
    return answer.payload["data"]["usageSummary"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("groupBy: []", [(12, None, 2), (14, None, 1)]),
        (
            "groupBy: [], fillEmpty: true",
            [(11, None, 0), (12, None, 2), (13, None, 0), (14, None, 1)],
        ),
        (
            "fillEmpty: true, orderBy: { field: KEY, direction: ASC }",
            [
                (11, "a", 0),
                (11, "b", 0),
                (12, "a", 1),
                (12, "b", 1),
                (13, "a", 0),
                (13, "b", 0),
                (14, "a", 1),
                (14, "b", 0),
            ],
        ),
    ],
    ids=["no dimensions", "filled", "filled by category"],
)
async def test_empty_buckets_are_filled_when_asked_for(
    arguments: str,
    expected: list[tuple[int, str | None, int]],
    settings: Settings,
    database: Database,
) -> None:
    jobs = [("a", 0), ("b", 0), ("a", 2), ("later", 9)]
    await put(
        database, "acme", *(make_timed(c, hour=at, elapsed_ms=1) for c, at in jobs)
    )
    found = await ask_summary(
        settings,
        database,
        f"{arguments}, bucket: HOUR",
        "summary { bucketStart category jobCount lengthMs cost { amount } }",
    )
    groups = found["summary"]
    assert [
        (g["bucketStart"].hour, g["category"], g["jobCount"]) for g in groups
    ] == expected
    assert all(g["lengthMs"] == g["jobCount"] and g["cost"] == [] for g in groups)


async def test_an_empty_window_is_one_empty_group_when_filled(
    settings: Settings, database: Database
) -> None:
    for dimensions, count in (("[]", 1), ("[USER]", 0)):
        arguments = f"groupBy: {dimensions}, fillEmpty: true"
        found = await ask_summary(
            settings, database, arguments, "summary { jobCount queueTime { mean } }"
        )
        assert found["summary"] == [{"jobCount": 0, "queueTime": None}] * count


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["long", "many", None]),
        ("{ field: LENGTH, direction: ASC }", [None, "many", "long"]),
        ("{ field: COUNT }", ["many", "long", None]),
        ("{ field: COUNT, direction: ASC }", ["long", None, "many"]),
        ("{ field: KEY }", [None, "many", "long"]),
        ("{ field: KEY, direction: ASC }", ["long", "many", None]),
    ],
)
async def test_groups_are_in_the_order_asked_for(
    order: str, expected: list[str | None], settings: Settings, database: Database
) -> None:
    jobs = [("many", 2), ("long", 9), ("many", 3), (None, 1)]
    await put(
        database, "acme", *(make_timed(c, hour=0, elapsed_ms=ms) for c, ms in jobs)
    )
    arguments = f"orderBy: {order or None}".replace("None", "null")
    found = await ask_summary(settings, database, arguments, "summary { category }")
    assert [group["category"] for group in found["summary"]] == expected


async def test_models_are_ordered_by_what_they_are_called(
    settings: Settings, database: Database
) -> None:
    names = [("b", "1"), ("a", "2"), ("c", None), ("a", None), ("a", "10")]
    models = [ModelRecord(identifier=name, version=version) for name, version in names]
    runs = [make_run(NOON, 1) for _ in models]
    await put(
        database,
        "acme",
        *(replace(run, model=model) for run, model in zip(runs, models, strict=True)),
    )
    found = await ask_summary(
        settings,
        database,
        "groupBy: [MODEL], orderBy: { field: KEY, direction: ASC }",
        "summary { model { identifier version } }",
    )
    assert [
        (g["model"]["identifier"], g["model"]["version"]) for g in found["summary"]
    ] == [
        ("a", None),
        ("a", "10"),
        ("a", "2"),
        ("b", "1"),
        ("c", None),
    ]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([7], {"p50": 7, "p95": 7, "p99": 7, "mean": 7}),
        ([1, 2], {"p50": 1, "p95": 2, "p99": 2, "mean": 2}),
        ([2, 1, 1], {"p50": 1, "p95": 2, "p99": 2, "mean": 1}),
        (list(range(1, 21)), {"p50": 10, "p95": 19, "p99": 20, "mean": 11}),
        (list(range(1, 101)), {"p50": 50, "p95": 95, "p99": 99, "mean": 51}),
        ([2**62, 2**62], {"p50": str(2**62), "p95": str(2**62)}),
    ],
    ids=["one", "two", "ties", "twenty", "hundred", "large"],
)
async def test_percentiles_are_times_of_jobs_by_nearest_rank(
    times: list[int],
    expected: dict[str, Any],
    settings: Settings,
    database: Database,
) -> None:
    jobs = [make_timed("a", hour=0, elapsed_ms=5, queue_ms=time) for time in times]
    await put(database, "acme", *jobs, make_timed("a", hour=1, elapsed_ms=5))
    selected = f"queueTime {{ {' '.join(expected)} }}"
    found = await ask_summary(
        settings,
        database,
        "groupBy: [CATEGORY]",
        f"summary {{ {selected} }} totals {{ {selected} }}",
    )
    assert found == {
        "summary": [{"queueTime": expected}],
        "totals": {"queueTime": expected},
    }


async def test_times_are_of_the_jobs_in_each_part_and_once_in_the_totals(
    settings: Settings, database: Database
) -> None:
    hour_ms = 3_600_000
    jobs = [
        make_timed("a", hour=0, elapsed_ms=2 * hour_ms),
        make_timed("a", hour=1, elapsed_ms=8),
    ]
    await put(database, "acme", *jobs)
    found = await ask_summary(
        settings,
        database,
        "bucket: HOUR",
        "summary { elapsedTime { p50 mean } } totals { elapsedTime { mean } }",
    )
    mean = (2 * hour_ms + 8) // 2
    assert [group["elapsedTime"] for group in found["summary"]] == [
        {"p50": 2 * hour_ms, "mean": 2 * hour_ms},
        {"p50": 8, "mean": mean},
    ]
    assert found["totals"] == {"elapsedTime": {"mean": mean}}


async def test_too_many_groups_are_refused_with_their_number(
    settings: Settings, database: Database
) -> None:
    await put(database, "acme", *(make_timed(c, hour=0, elapsed_ms=1) for c in "ab"))
    query = """{ usageSummary(startDate: "2025-06-01T00:00:00Z", bucket: HOUR,
        endDate: "2026-02-01T00:00:00Z", fillEmpty: true) { asOf } }"""
    answer = await ask(settings, database, query)
    (error,) = answer.payload["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == (
        "the summary has 11760 groups (2 in each of 5880 buckets); at most 10000 are"
        " allowed: take fewer dimensions, longer buckets or a shorter window"
    )
