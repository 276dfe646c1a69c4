"""How long a summary of a year takes, and whether that grows with the history."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson

from tests.benchmarks.client import Client, open_client
from tests.benchmarks.contestants import CONTESTANTS, running
from tests.benchmarks.datasets import DataSet, make_key
from tests.benchmarks.measure import Entrant, Pace, measure
from tests.benchmarks.works import Wish

GATEWAY = CONTESTANTS[0]
# How many jobs the data set has that a large one is compared with.
SMALL_JOBS = "100000"
SUMMARY = """
  query ($startDate: DateTime!, $endDate: DateTime!, $groupBy: [UsageDimension!]!,
      $bucket: TimeBucket, $timeZone: TimeZone!) {
    usageSummary(startDate: $startDate, endDate: $endDate, groupBy: $groupBy,
        bucket: $bucket, timeZone: $timeZone) {
      summary { category model { identifier } bucketStart lengthMs jobCount }
      totals { lengthMs jobCount } } }
"""
QUERIES: Mapping[str, Mapping[str, Any]] = {
    "a year by CATEGORY": {"groupBy": ["CATEGORY"], "timeZone": "UTC"},
    "a year by MODEL": {"groupBy": ["MODEL"], "timeZone": "UTC"},
    "a year by DAY in Europe/Paris": {
        "groupBy": [],
        "bucket": "DAY",
        "timeZone": "Europe/Paris",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What a summary of a year takes.

    Attributes:
        answer_ms: From the request to the whole answer, one at a time.
        ratio: To what it takes with a small history; None where there is none.
    """

    title: str
    answer_ms: float
    ratio: float | None


async def measure_years(
    data_set: DataSet, small: DataSet | None, pace: Pace
) -> Sequence[Year]:
    """Ask for summaries of a year, in turn with a small history."""
    one = replace(pace, concurrency=1)
    async with AsyncExitStack() as stack:
        asked = {"large": await stack.enter_async_context(serving(data_set))}
        if small is not None:
            asked["small"] = await stack.enter_async_context(serving(small))
        return [await measure_year(data_set, title, asked, one) for title in QUERIES]


@asynccontextmanager
async def serving(data_set: DataSet) -> AsyncIterator[tuple[Client, str]]:
    """Run a gateway; give who asks it, and the API key."""
    key = await make_key(data_set.url)
    first = to_request(data_set, "a year by CATEGORY", key)
    async with (
        running(GATEWAY, data_set.url, first) as served,
        open_client(served.port, 1) as client,
    ):
        yield client, key


async def measure_year(
    data_set: DataSet, title: str, asked: Mapping[str, tuple[Client, str]], pace: Pace
) -> Year:
    """Measure one summary."""
    entrants = [
        Entrant(name=name, client=client, requests=[to_request(data_set, title, key)])
        for name, (client, key) in asked.items()
    ]
    rates = await measure(entrants, pace)
    return Year(
        title=title,
        answer_ms=1_000 / rates.median("large"),
        ratio=rates.ratio("small", "large") if "small" in asked else None,
    )


def to_request(data_set: DataSet, title: str, key: str) -> bytes:
    """Write the request of a summary of a year that the data set has jobs in."""
    year = 2005 if data_set.jobs == "lcg" else 2023
    offset = "+01:00" if "Paris" in title else "Z"
    variables = {
        "startDate": f"{year}-01-01T00:00:00{offset}",
        "endDate": f"{year + 1}-01-01T00:00:00{offset}",
        **QUERIES[title],
    }
    body = orjson.dumps({"query": SUMMARY, "variables": variables})
    return GATEWAY.to_request(Wish(body=body, target=""), key)
