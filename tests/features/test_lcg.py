"""A real log of 188,041 jobs: imported, paged through, and added up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.cli.importing import ImportRequest, import_files
from gateway.dialects.context import DecodeContext
from gateway.settings import read_settings
from gateway.store.database import open_database
from tests.databases import copy_sqlite
from tests.features.asking import Asker, to_asker, to_principal
from tests.features.swf_log import Figures, Run, add_up, read_runs, to_ms
from tests.plans.measuring import measure
from tests.plans.recording import RecordingDatabase, record_statements

LOG = Path(__file__).parents[3] / "shared/data/LCG.swf.gz"
JOBS = 188_041
PROJECT = 7
PARIS = ZoneInfo("Europe/Paris")
# The log begins here, and lasts for eleven days.
START = datetime(2005, 11, 20, tzinfo=UTC)
NOON = START + timedelta(days=5, hours=12)
ALL = (START - timedelta(days=1), START + timedelta(days=30))

pytestmark = pytest.mark.skipif(
    not LOG.exists(), reason="the log ../shared/data/LCG.swf.gz is not there"
)

WINDOWS = {
    "all": ALL,
    "an hour": (NOON, NOON + timedelta(hours=1)),
    "odd milliseconds": (
        NOON + timedelta(milliseconds=123),
        NOON + timedelta(hours=7, milliseconds=4_567),
    ),
    "over the start": (START - timedelta(hours=3), START + timedelta(minutes=1)),
    "over the end": (START + timedelta(days=11), START + timedelta(days=40)),
    "a millisecond": (NOON, NOON + timedelta(milliseconds=1)),
    "nothing": (NOON, NOON),
}
KEYS: dict[str, Callable[[Run], str | None]] = {
    "CATEGORY": lambda run: run.group,
    "USER": lambda run: run.user,
    "PROJECT": lambda _: str(PROJECT),
}
PAGE = """
    query ($first: Int, $after: String, $last: Int, $before: String) {
        jobs(first: $first, after: $after, last: $last, before: $before) {
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            nodes { jobIdentifier }
        }
    }
"""
USAGE = """
    query (
        $start: DateTime!, $end: DateTime!, $by: [UsageDimension!]!
        $bucket: TimeBucket, $zone: TimeZone!
    ) {
        usageSummary(
            startDate: $start, endDate: $end, groupBy: $by, bucket: $bucket
            timeZone: $zone
        ) {
            summary {
                category user { identifier } projectId bucketStart lengthMs jobCount
            }
            totals { lengthMs jobCount }
        }
    }
"""


@pytest.fixture(scope="module")
def log_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the whole log."""
    url = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("lcg"))
    asyncio.run(import_log(url))
    return url


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return read_runs(LOG)


@pytest.fixture
async def log(log_url: str) -> AsyncIterator[RecordingDatabase]:
    opened = record_statements(open_database(read_settings(database_url=log_url)))
    yield opened
    await opened.close()


@pytest.fixture
def asker(log: RecordingDatabase) -> Asker:
    return to_asker(read_settings(), log, to_principal("lcg"))


async def import_log(url: str) -> None:
    """Import the log as `gateway import` does."""
    database = open_database(read_settings(database_url=url))
    request = ImportRequest(
        format_name="swf",
        paths=(LOG,),
        account="lcg",
        context=DecodeContext(project_id=PROJECT, time_zone=ZoneInfo("UTC")),
    )
    await import_files(database, request)
    await database.close()


async def read_all(asker: Asker, **size: int) -> list[str]:
    """Page through all jobs, forwards or backwards."""
    is_forward = "first" in size
    found: list[str] = []
    position: dict[str, str] = {}
    while True:
        page = (await asker.read(PAGE, **size, **position))["jobs"]
        nodes = [node["jobIdentifier"] for node in page["nodes"]]
        found.extend(nodes if is_forward else reversed(nodes))
        info = page["pageInfo"]
        if not info["hasNextPage" if is_forward else "hasPreviousPage"]:
            return found
        position = (
            {"after": info["endCursor"]}
            if is_forward
            else {"before": info["startCursor"]}
        )


async def read_usage(
    asker: Asker,
    window: tuple[datetime, datetime],
    dimension: str,
    bucket: str | None = None,
) -> dict[str, Any]:
    """Ask for a summary."""
    variables = {
        "start": window[0].isoformat(),
        "end": window[1].isoformat(),
        "by": [dimension],
        "bucket": bucket,
        "zone": "Europe/Paris",
    }
    summary: dict[str, Any] = (await asker.read(USAGE, **variables))["usageSummary"]
    return summary


def to_figures(summary: dict[str, Any], start: datetime, dimension: str) -> Figures:
    """Read a summary as it is added up by hand."""
    values: dict[str, Callable[[dict[str, Any]], str]] = {
        "CATEGORY": lambda group: group["category"],
        "USER": lambda group: group["user"]["identifier"],
        "PROJECT": lambda group: str(group["projectId"]),
    }
    return {
        (
            values[dimension](group),
            to_ms(datetime.fromisoformat(group["bucketStart"] or start.isoformat())),
        ): (group["lengthMs"], group["jobCount"])
        for group in summary["summary"]
    }


async def test_all_jobs_are_counted(asker: Asker) -> None:
    assert await asker.read("{ jobs { totalCount } }") == {"jobs": {"totalCount": JOBS}}


async def test_paging_forwards_and_backwards_gives_each_job_once(asker: Asker) -> None:
    forwards = await read_all(asker, first=100)
    assert len(forwards) == len(set(forwards)) == JOBS
    assert await read_all(asker, last=100) == forwards[::-1]


@pytest.mark.parametrize("order", ["CREATED_AT", "STARTED_AT", "UPDATED_AT"])
async def test_a_page_near_the_end_costs_no_more_than_twice_the_first(
    asker: Asker, log: RecordingDatabase, order: str
) -> None:
    query = f"""query ($after: String, $last: Int) {{
        jobs(after: $after, last: $last, orderBy: {{field: {order}}}) {{
            nodes {{ jobIdentifier status createdAt }} pageInfo {{ startCursor }}
        }}
    }}"""
    end = await asker.read(query, last=100)
    log.take()
    await asker.read(query)
    first = await measure(log, log.take())
    await asker.read(query, after=end["jobs"]["pageInfo"]["startCursor"])
    deep = await measure(log, log.take())
    assert deep.amount <= 2 * first.amount


@pytest.mark.parametrize("dimension", KEYS)
@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
async def test_usage_is_what_one_adds_up_by_hand(
    asker: Asker, runs: list[Run], window: tuple[datetime, datetime], dimension: str
) -> None:
    summary = await read_usage(asker, window, dimension)
    right = add_up(runs, [to_ms(edge) for edge in window], KEYS[dimension])
    assert to_figures(summary, window[0], dimension) == right
    assert summary["totals"] == {
        "lengthMs": sum(length for length, _ in right.values()),
        "jobCount": sum(jobs for _, jobs in right.values()),
    }


@pytest.mark.parametrize("bucket", ["HOUR", "DAY"])
async def test_buckets_of_usage_are_what_one_adds_up_by_hand(
    asker: Asker, runs: list[Run], bucket: str
) -> None:
    window = (NOON + timedelta(milliseconds=7), NOON + timedelta(days=3, minutes=20))
    summary = await read_usage(asker, window, "CATEGORY", bucket)
    edges = [to_ms(edge) for edge in to_edges(window, bucket)]
    assert to_figures(summary, window[0], "CATEGORY") == add_up(
        runs, edges, KEYS["CATEGORY"]
    )


def to_edges(window: tuple[datetime, datetime], bucket: str) -> Sequence[datetime]:
    """Give the edges of Paris' hours or days, where no clock changes."""
    start, end = (edge.astimezone(PARIS) for edge in window)
    at = start.replace(hour=0, minute=0, second=0, microsecond=0)
    inner = []
    step = timedelta(hours=1) if bucket == "HOUR" else timedelta(days=1)
    while at < end:
        inner.append(at)
        at += step
    return [start, *(edge for edge in inner if edge > start), end]


async def test_adjacent_windows_add_up(asker: Asker) -> None:
    whole = await read_usage(asker, ALL, "CATEGORY")
    edges = [ALL[0], NOON, NOON + timedelta(milliseconds=333), ALL[1]]
    parts = [
        await read_usage(asker, (edges[at], edges[at + 1]), "CATEGORY")
        for at in range(3)
    ]
    lengths = [part["totals"]["lengthMs"] for part in parts]
    assert sum(lengths) == whole["totals"]["lengthMs"]
