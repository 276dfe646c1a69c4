"""A data set to the lines of the table: all contestants run while it is measured."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tests.benchmarks.client import Client, open_client
from tests.benchmarks.contestants import CONTESTANTS, Served, running
from tests.benchmarks.datasets import DataSet, make_key, read_identifiers
from tests.benchmarks.facts import (
    measure_authentication,
    measure_depth,
    measure_import_s,
    measure_memory,
    measure_starts,
    measure_workers,
)
from tests.benchmarks.measure import Entrant, Pace, Rates, check_answers, measure
from tests.benchmarks.report import Comparison, Line
from tests.benchmarks.works import WORKS, Work, to_wishes
from tests.benchmarks.years import Year, measure_years

FACTS = ("peak", "start", "import", "depth", "memory", "workers", "auth", "years")
IDENTIFIERS = 1_000
PAGE_24 = WORKS[0]
# The goals.
MAX_START_S, MAX_IMPORT_S, MAX_DEPTH_RATIO, MAX_GROWTH = 1.5, 0.1, 1.3, 1.1
MAX_YEAR_MS, MAX_YEAR_RATIO, MAX_AUTH_PART = 25, 1.5, 0.05

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """All contestants, serving one data set."""

    data_set: DataSet
    key: str
    identifiers: Sequence[str]
    served: Sequence[tuple[Served, Client]]

    def line(
        self,
        title: str,
        unit: str,
        figures: Mapping[str, float],
        ratios: Mapping[str, Comparison] | None = None,
    ) -> Line:
        """Make a line of the table."""
        return Line(
            database=self.data_set.database,
            jobs=self.data_set.jobs,
            title=title,
            unit=unit,
            figures=figures,
            ratios=ratios or {},
        )


async def measure_data_set(
    data_set: DataSet,
    small: DataSet | None,
    chosen: Sequence[str],
    pace: Pace,
    tell: Tell,
) -> list[Line]:
    """Measure the chosen works and facts.

    Args:
        data_set: What to measure.
        small: What summaries of a year are compared with, if with anything.
        chosen: The names of works and facts.
        pace: How much is measured.
        tell: Is told what is being measured.
    """
    lines = []
    async with open_arena(data_set, pace) as arena:
        for work in WORKS:
            if work.name in chosen:
                tell(f"{data_set.database}, {data_set.jobs}: {work.title}")
                lines.append(await measure_work(arena, work, pace))
        for name in FACTS:
            if name in chosen and name != "years":
                tell(f"{data_set.database}, {data_set.jobs}: {name}")
                lines.append(await measure_fact(arena, name, pace))
        if "years" in chosen:
            tell(f"{data_set.database}, {data_set.jobs}: years")
            lines += to_year_lines(arena, await measure_years(data_set, small, pace))
    return lines


def to_year_lines(arena: Arena, years: Sequence[Year]) -> Iterator[Line]:
    """Make the lines of summaries of a year."""
    for year in years:
        title = f"usage: {year.title} (<= {MAX_YEAR_MS})"
        yield arena.line(title, "ms", {"gateway": year.answer_ms})
        if year.ratio is not None:
            title = f"usage: {year.title} (<= {MAX_YEAR_RATIO})"
            yield arena.line(title, "x 100,000 jobs", {"gateway": year.ratio})


@asynccontextmanager
async def open_arena(data_set: DataSet, pace: Pace) -> AsyncIterator[Arena]:
    """Run all contestants, each as one process."""
    key = await make_key(data_set.url)
    identifiers = await read_identifiers(data_set.url, IDENTIFIERS)
    (wish, *_) = to_wishes(WORKS[0], identifiers)
    served = []
    async with AsyncExitStack() as stack:
        for each in CONTESTANTS:
            first = each.to_request(wish, key)
            process = await stack.enter_async_context(
                running(each, data_set.url, first)
            )
            client = await stack.enter_async_context(
                open_client(process.port, pace.concurrency)
            )
            served.append((process, client))
        yield Arena(data_set=data_set, key=key, identifiers=identifiers, served=served)


async def measure_work(arena: Arena, work: Work, pace: Pace) -> Line:
    """Measure one work."""
    wishes = to_wishes(work, arena.identifiers)
    entrants = [
        Entrant(
            name=served.contestant.name,
            client=client,
            requests=[served.contestant.to_request(wish, arena.key) for wish in wishes],
        )
        for served, client in arena.served
    ]
    await check_answers(work, entrants)
    rates = await measure(entrants, pace)
    figures = {entrant.name: rates.median(entrant.name) for entrant in entrants}
    return arena.line(work.title, "requests/s", figures, to_ratios(work, rates))


def to_ratios(work: Work, rates: Rates) -> Mapping[str, Comparison]:
    """Compare the gateway with each of the others."""
    bounds = {"core": work.core_ratio, "strawberry": work.strawberry_ratio}
    return {
        each.name: Comparison(
            ratio=rates.ratio("gateway", each.name), at_least=bounds.get(each.name)
        )
        for each in CONTESTANTS[1:]
    }


async def measure_fact(arena: Arena, name: str, pace: Pace) -> Line:
    """Measure what is not a work."""
    match name:
        case "peak":
            figures = {
                served.contestant.name: served.read_memory_mb("VmHWM")
                for served, _ in arena.served
            }
            return arena.line("peak memory after all works", "MB", figures)
        case "start":
            starts = await measure_starts(CONTESTANTS, arena.data_set, arena.key)
            title = f"start of the process to first answer (<= {MAX_START_S})"
            return arena.line(title, "s", starts)
        case _:
            title, unit, figure = await measure_gateway(arena, name, pace)
            return arena.line(title, unit, {"gateway": figure})


async def measure_gateway(
    arena: Arena, name: str, pace: Pace
) -> tuple[str, str, float]:
    """Measure what only the gateway's counts of: its title, unit and figure."""
    data_set, key, port = arena.data_set, arena.key, arena.served[0][0].port
    match name:
        case "import":
            return f"import gateway (<= {MAX_IMPORT_S})", "s", measure_import_s()
        case "depth":
            depth = await measure_depth(data_set, port, key, pace)
            title = f"page behind {depth.ahead:,} jobs (<= {MAX_DEPTH_RATIO})"
            return title, "x the first page", depth.ratio
        case "memory":
            growth = await measure_memory(data_set, key, arena.identifiers)
            title = f"memory over 50,000 requests, from {growth.before_mb:.0f} MB"
            ratio = growth.after_mb / growth.before_mb
            return f"{title} (<= {MAX_GROWTH})", "x", ratio
        case "auth":
            part = await measure_authentication(port, key, to_wishes(PAGE_24, ()))
            title = f"the API key, of a page of 50 x 24 fields (<= {MAX_AUTH_PART})"
            return title, "x the request", part
        case _:
            ratio = await measure_workers(data_set, key, pace)
            return "two workers, page of 50 x 24 fields", "x one worker", ratio
