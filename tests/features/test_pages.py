"""Pages by the Relay specification, and what they are filtered and ordered by.

https://relay.dev/graphql/connections.htm
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from gateway.records import (
    JobInputRecord,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    UserRecord,
)
from gateway.settings import Settings
from gateway.store.database import Database
from tests.factories import NOON, make_job, put
from tests.features.asking import Asker, to_asker

INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
HOUR = timedelta(hours=1)
SOURCES = (JobSource.MODZY, JobSource.EDGE_IMPULSE, JobSource.SHAREDCLOUD)
STATUSES = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.COMPLETED, JobStatus.UNKNOWN)
FIELDS = {
    "CREATED_AT": "created_at",
    "SUBMITTED_AT": "submitted_at",
    "STARTED_AT": "started_at",
    "FINISHED_AT": "finished_at",
    "UPDATED_AT": "updated_at",
}


def make_numbered(number: int) -> JobRecord:
    """Make one of seven jobs: a queued one has not started, the second has not ended.

    They are created an hour apart, but start and end in another order.
    """
    created_at = NOON + number * HOUR
    started_at = NOON + timedelta(days=1) - number * HOUR if number % 4 else None
    return make_job(
        source=SOURCES[number % 3],
        job_identifier=f"job-{number}",
        project_id=number % 2 or None,
        category=f"kind-{number % 3}" if number else None,
        status=STATUSES[number % 4],
        model=ModelRecord(
            identifier=f"m{number % 2}",
            version=f"{number % 3}.0",
            name=f"M{number % 2}",
        ),
        user=UserRecord(identifier=f"u{number % 4}"),
        submitted_by=f"k{number % 2}",
        created_at=created_at,
        submitted_at=created_at + timedelta(minutes=number % 2),
        started_at=started_at,
        finished_at=started_at and started_at + (7 * number % 5) * HOUR,
        updated_at=created_at + (3 * number % 7) * timedelta(days=1),
        inputs=tuple(JobInputRecord(identifier=f"i{at}") for at in range(5)),
    )


RECORDS = [make_numbered(number) for number in range(7)]
NEWEST_FIRST = [record.job_identifier for record in RECORDS][::-1]


@pytest.fixture
async def asker(settings: Settings, database: Database) -> Asker:
    await put(database, "acme", *RECORDS)
    return to_asker(settings, database)


async def read_page(asker: Asker, arguments: str) -> dict[str, Any]:
    """Ask for a page of jobs."""
    query = f"{{ jobs({arguments}) {{ totalCount {INFO} edges {{ cursor }}"
    data = await asker.read(f"{query} nodes {{ jobIdentifier }} }} }}")
    page: dict[str, Any] = data["jobs"]
    return page


def to_names(page: Mapping[str, Any]) -> list[str]:
    """Name the jobs of a page."""
    return [node["jobIdentifier"] for node in page["nodes"]]


def to_flags(page: Mapping[str, Any]) -> tuple[bool, bool]:
    """Tell whether there is more before a page, and after it."""
    info = page["pageInfo"]
    return info["hasPreviousPage"], info["hasNextPage"]


@pytest.mark.parametrize(
    ("size", "names", "flags"),
    [
        ("first: 3", NEWEST_FIRST[:3], (False, True)),
        ("first: 7", NEWEST_FIRST, (False, False)),
        ("first: 100", NEWEST_FIRST, (False, False)),
        ("last: 3", NEWEST_FIRST[-3:], (True, False)),
        ("last: 7", NEWEST_FIRST, (False, False)),
        ("first: null", NEWEST_FIRST, (False, False)),
        ("first: 0", [], (False, True)),
        ("last: 0", [], (True, False)),
    ],
)
async def test_a_page_tells_what_lies_around_it(
    asker: Asker, size: str, names: list[str], flags: tuple[bool, bool]
) -> None:
    page = await read_page(asker, size)
    assert (to_names(page), to_flags(page)) == (names, flags)
    assert page["totalCount"] == 7


@pytest.mark.parametrize(
    ("size", "after", "before", "expected"),
    [
        ("first: 2", 1, None, slice(2, 4)),
        ("first: 2", None, 5, slice(0, 2)),
        ("first: 9", 1, 5, slice(2, 5)),
        ("first: 2", 1, 5, slice(2, 4)),
        ("last: 2", None, 5, slice(3, 5)),
        ("last: 2", 1, None, slice(5, 7)),
        ("last: 9", 1, 5, slice(2, 5)),
        ("last: 2", 1, 5, slice(3, 5)),
        ("first: 2", 6, None, slice(7, 7)),
        ("last: 2", None, 0, slice(0, 0)),
        ("first: 2", 3, 4, slice(4, 4)),
    ],
)
async def test_a_page_between_cursors_tells_what_lies_around_it(
    asker: Asker, size: str, after: int | None, before: int | None, expected: slice
) -> None:
    cursors = [edge["cursor"] for edge in (await read_page(asker, "first: 7"))["edges"]]
    given = {"after": after, "before": before}
    positions = [f'{k}: "{cursors[v]}"' for k, v in given.items() if v is not None]
    page = await read_page(asker, ", ".join([size, *positions]))
    assert to_names(page) == NEWEST_FIRST[expected]
    assert to_flags(page) == (expected.start > 0, expected.stop < 7)
    assert page["totalCount"] == 7


async def test_an_empty_page_has_no_cursors(asker: Asker) -> None:
    page = await read_page(asker, "filter: {category: []}")
    assert page == {
        "totalCount": 0,
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        },
        "edges": [],
        "nodes": [],
    }


async def test_the_ends_of_a_page_are_its_cursors(asker: Asker) -> None:
    page = await read_page(asker, "first: 3")
    ends = page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]
    assert ends == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])


@pytest.mark.parametrize(
    "rest",
    [
        "orderBy: {field: UPDATED_AT}",
        "orderBy: {direction: ASC}",
        "filter: {source: [MODZY]}",
        "filter: {statusGroup: PENDING}",
    ],
)
async def test_a_cursor_of_another_order_or_filter_is_refused(
    asker: Asker, rest: str
) -> None:
    cursor = (await read_page(asker, "first: 3"))["pageInfo"]["endCursor"]
    code, message = await asker.refusal(
        f'{{ jobs(after: "{cursor}", {rest}) {{ totalCount }} }}'
    )
    assert (code, "another list" in message) == ("INVALID_CURSOR", True)


async def test_a_cursor_of_models_is_none_of_users(asker: Asker) -> None:
    data = await asker.read("{ models { pageInfo { endCursor } } }")
    cursor = data["models"]["pageInfo"]["endCursor"]
    code, _ = await asker.refusal(f'{{ users(after: "{cursor}") {{ totalCount }} }}')
    assert code == "INVALID_CURSOR"


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("order", FIELDS)
async def test_jobs_come_in_the_order_asked_for(
    asker: Asker, order: str, direction: str
) -> None:
    ordered = f"orderBy: {{field: {order}, direction: {direction}}}"
    page = await read_page(asker, f"first: 7, {ordered}")
    # What has no such instant counts as later than all that have it.
    late = NOON + timedelta(days=999)
    expected = sorted(
        RECORDS,
        key=lambda found: (getattr(found, FIELDS[order]) or late, found.created_at),
        reverse=direction == "DESC",
    )
    assert to_names(page) == [record.job_identifier for record in expected]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("order", FIELDS)
async def test_pages_of_any_order_join_without_gap_or_overlap(
    asker: Asker, order: str, direction: str
) -> None:
    ordered = f"orderBy: {{field: {order}, direction: {direction}}}"
    whole = to_names(await read_page(asker, f"first: 7, {ordered}"))
    first = await read_page(asker, f"first: 3, {ordered}")
    rest = f'after: "{first["pageInfo"]["endCursor"]}", {ordered}'
    second = await read_page(asker, f"first: 3, {rest}")
    rest = f'before: "{second["pageInfo"]["startCursor"]}", {ordered}'
    back = await read_page(asker, f"last: 2, {rest}")
    assert to_names(first) + to_names(second) == whole[:6]
    assert to_names(back) == whole[1:3]


@pytest.mark.parametrize(
    ("found", "numbers"),
    [
        ("{}", range(7)),
        ("{status: null}", range(7)),
        ("{status: []}", ()),
        ("{status: [QUEUED]}", (0, 4)),
        ("{status: [QUEUED, RUNNING]}", (0, 1, 4, 5)),
        ("{statusGroup: ALL}", range(7)),
        ("{statusGroup: PENDING}", (0, 1, 4, 5)),
        ("{statusGroup: TERMINATED}", (2, 6)),
        ("{statusGroup: TIMEDOUT}", ()),
        ("{statusGroup: PENDING, status: [RUNNING, COMPLETED]}", (1, 5)),
        ("{source: [MODZY]}", (0, 3, 6)),
        ("{source: [SWF]}", ()),
        ("{projectId: [1]}", (1, 3, 5)),
        ('{projectId: ["1", 2]}', (1, 3, 5)),
        ('{category: ["kind-0", "kind-1"]}', (1, 3, 4, 6)),
        ('{category: ["KIND-0"]}', ()),
        ('{category: ["\\u0000"]}', ()),
        ('{user: ["u3", "nobody"]}', (3,)),
        ('{submittedBy: ["k1"]}', (1, 3, 5)),
        ('{model: {identifier: ["m1"]}}', (1, 3, 5)),
        ('{model: {name: ["M0"]}}', (0, 2, 4, 6)),
        ('{model: {version: ["0.0"]}}', (0, 3, 6)),
        ('{model: {identifier: ["m0"], version: ["0.0"]}}', (0, 6)),
        ("{model: {identifier: []}}", ()),
        ("{model: {}}", range(7)),
        ('{createdAt: {from: "2026-01-15T14:00:00Z"}}', (2, 3, 4, 5, 6)),
        ('{createdAt: {to: "2026-01-15T14:00:00Z"}}', (0, 1)),
        (
            (
                '{createdAt: {from: "2026-01-15T14:00:00+01:00",'
                ' to: "2026-01-15T15:00:00Z"}}'
            ),
            (1, 2),
        ),
        ('{submittedAt: {from: "2026-01-15T15:01:00Z"}}', (3, 4, 5, 6)),
        ('{startedAt: {to: "2026-01-16T10:00:00Z"}}', (3, 5, 6)),
        ('{startedAt: {from: "2026-01-16T10:00:00Z"}}', (1, 2)),
        ('{finishedAt: {from: "2026-01-16T11:00:00Z"}}', (1, 2)),
        ("{finishedAt: {}}", range(7)),
        ('{updatedAt: {from: "2026-01-19T12:00:00Z"}}', (2, 4, 6)),
        ('{source: [MODZY], projectId: [1], user: ["u3"]}', (3,)),
        ('{source: [MODZY], createdAt: {from: "2026-01-15T15:00:00Z"}}', (3, 6)),
    ],
)
async def test_a_filter_gives_and_counts_what_it_says(
    asker: Asker, found: str, numbers: tuple[int, ...]
) -> None:
    page = await read_page(asker, f"filter: {found}")
    assert to_names(page) == [f"job-{number}" for number in sorted(numbers)[::-1]]
    assert page["totalCount"] == len(numbers)


@pytest.mark.parametrize("order", FIELDS)
async def test_a_filter_holds_in_any_order(asker: Asker, order: str) -> None:
    page = await read_page(
        asker, f"filter: {{source: [MODZY]}}, orderBy: {{field: {order}}}"
    )
    assert set(to_names(page)) == {"job-0", "job-3", "job-6"}
    assert page["totalCount"] == 3


@pytest.mark.parametrize("order", FIELDS)
async def test_jobs_below_a_model_are_paged_and_ordered_like_any(
    asker: Asker, order: str
) -> None:
    ordered = f"orderBy: {{field: {order}}}"
    below = f"jobs(%s) {{ totalCount {INFO} nodes {{ jobIdentifier }} }}"
    query = f'{{ model(identifier: "m1", version: "1.0") {{ {below} }} }}'
    whole = (await asker.read(query % ordered))["model"]["jobs"]
    first = (await asker.read(query % f"first: 1, {ordered}"))["model"]["jobs"]
    assert to_names(first) == to_names(whole)[:1]
    assert to_flags(first) == (False, len(whole["nodes"]) > 1)
    assert first["totalCount"] == whole["totalCount"] == len(whole["nodes"])


async def test_inputs_come_in_order_and_are_paged(asker: Asker) -> None:
    query = f"""query ($at: String) {{ job(jobIdentifier: "job-0") {{
        jobInputs(first: 2, after: $at) {{ totalCount {INFO} nodes {{ identifier }} }}
    }} }}"""
    first = (await asker.read(query))["job"]["jobInputs"]
    end = first["pageInfo"]["endCursor"]
    second = (await asker.read(query, at=end))["job"]["jobInputs"]
    names = [node["identifier"] for page in (first, second) for node in page["nodes"]]
    assert names == ["i0", "i1", "i2", "i3"]
    assert (to_flags(first), to_flags(second)) == ((False, True), (True, True))
