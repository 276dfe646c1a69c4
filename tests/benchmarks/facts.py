"""What is measured of the gateway alone: depth, memory, workers, import, keys."""

import asyncio
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median

import orjson

from gateway.query.plan.cursors import encode_cursor
from tests.benchmarks.client import open_client, to_post
from tests.benchmarks.contestants import CONTESTANTS, Contestant, running
from tests.benchmarks.datasets import DataSet, read_position
from tests.benchmarks.measure import Entrant, Pace, measure
from tests.benchmarks.works import JOB_24, WORKS, Wish, to_wishes

GATEWAY = CONTESTANTS[0]
PAGE_24, PAGE_5, JOB = WORKS[:3]
STARTS = 3
# Of the history, ahead of the deep page.
DEPTH = 0.98
SETTLING_REQUESTS = 10_000
FLAT_REQUESTS = 50_000
FLAT_CONNECTIONS = 8
PAGE = (
    "query ($after: String) { jobs(first: 50, after: $after) { nodes {"
    + JOB_24
    + "} pageInfo { hasNextPage endCursor } } }"
)
AUTHENTICATED_REQUESTS = 10_000
# The stages of a request that are not part of another.
STAGES = ("auth", "body", "document", "execute", "encode")
STAGE = re.compile(rb"([a-z]+);dur=([0-9.]+)")
IMPORT = (
    "import time; started = time.perf_counter(); import gateway;"
    " print(time.perf_counter() - started)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """A deep page's time as a multiple of the first page's."""

    ahead: int
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Memory of the gateway before and after many requests."""

    before_mb: float
    after_mb: float


def measure_import_s() -> float:
    """Import the package in new processes, and give the median."""
    times = [
        subprocess.run(  # noqa: S603 -- this very interpreter
            [sys.executable, "-c", IMPORT], capture_output=True, check=True, text=True
        ).stdout
        for _ in range(STARTS)
    ]
    return median(map(float, times))


async def measure_starts(
    contestants: Sequence[Contestant], data_set: DataSet, key: str
) -> dict[str, float]:
    """Start each contestant several times, and give the medians in s."""
    (wish,) = to_wishes(PAGE_5, ())
    found: dict[str, list[float]] = {each.name: [] for each in contestants}
    for _ in range(STARTS):
        for each in contestants:
            request = each.to_request(wish, key)
            async with running(each, data_set.url, request) as served:
                found[each.name].append(served.start_s)
    return {name: median(times) for name, times in found.items()}


async def measure_depth(data_set: DataSet, port: int, key: str, pace: Pace) -> Depth:
    """Compare a page far down the history with the first."""
    ahead, created_us, job_id = await read_position(data_set.url, DEPTH)
    async with open_client(port, pace.concurrency) as client:
        first = to_page_request(None, key)
        answer = orjson.loads(await client.ask(first))
        cursor = answer["data"]["jobs"]["pageInfo"]["endCursor"]
        mark = orjson.loads(urlsafe_b64decode(cursor))[0]
        deep = to_page_request(encode_cursor(mark, created_us, job_id), key)
        rates = await measure(
            [
                Entrant(name="first", client=client, requests=[first]),
                Entrant(name="deep", client=client, requests=[deep]),
            ],
            pace,
        )
    return Depth(ahead=ahead, ratio=rates.ratio("first", "deep"))


def to_page_request(after: str | None, key: str) -> bytes:
    """Write the request of a page behind a cursor."""
    body = orjson.dumps({"query": PAGE, "variables": {"after": after}})
    return GATEWAY.to_request(Wish(body=body, target=""), key)


async def measure_memory(
    data_set: DataSet, key: str, identifiers: Sequence[str]
) -> Growth:
    """Ask a new gateway for pages and jobs, many times over."""
    wishes = [
        wish
        for job in to_wishes(JOB, identifiers)
        for wish in (job, *to_wishes(PAGE_24, ()), *to_wishes(PAGE_5, ()))
    ]
    requests = [GATEWAY.to_request(wish, key) for wish in wishes]
    async with (
        running(GATEWAY, data_set.url, requests[0]) as served,
        open_client(served.port, FLAT_CONNECTIONS) as client,
    ):
        await client.measure(requests, SETTLING_REQUESTS, FLAT_CONNECTIONS)
        before_mb = served.read_memory_mb("VmRSS")
        await client.measure(requests, FLAT_REQUESTS, FLAT_CONNECTIONS)
        return Growth(before_mb=before_mb, after_mb=served.read_memory_mb("VmRSS"))


async def measure_authentication(port: int, key: str, wishes: Sequence[Wish]) -> float:
    """Give the part that finding out who asks has in the time of requests.

    It takes several seconds, so that the key is read from the database again and again.
    Requests come one by one: stages that wait would have the time of other requests.
    """
    repeated = islice(cycle(wishes), AUTHENTICATED_REQUESTS)
    headers = {"x-api-key": key, "x-server-timing": "1"}
    requests = (to_post(GATEWAY.path, wish.body, headers) for wish in repeated)
    spent_ms: defaultdict[str, float] = defaultdict(float)

    async with open_client(port, 1) as client:
        (connection,) = client.connections
        for request in requests:
            await connection.ask(request)
            for name, duration in STAGE.findall(connection.head):
                spent_ms[name.decode()] += float(duration)
    return spent_ms["auth"] / sum(spent_ms[name] for name in STAGES)


async def measure_workers(data_set: DataSet, key: str, pace: Pace) -> float:
    """Compare two workers with one, at the page of 24 fields."""
    (wish,) = to_wishes(PAGE_24, ())
    request = GATEWAY.to_request(wish, key)
    async with AsyncExitStack() as stack:
        entrants = []
        for workers in (1, 2):
            served = await stack.enter_async_context(
                running(GATEWAY, data_set.url, request, workers=workers)
            )
            # The second worker may come to serve a moment later than the first.
            await asyncio.sleep(2)
            client = await stack.enter_async_context(
                open_client(served.port, 2 * pace.concurrency)
            )
            name = str(workers)
            entrants.append(Entrant(name=name, client=client, requests=[request]))
        wide = Pace(
            rounds=pace.rounds,
            requests=pace.requests,
            concurrency=2 * pace.concurrency,
        )
        rates = await measure(entrants, wide)
    return rates.ratio("2", "1")
