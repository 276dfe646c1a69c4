"""Jobs as they are stored to the usage figures they should have, one by one.

Nothing of how the gateway adds up is used here: its figures are compared with this.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import BigInteger, Table, select, type_coerce

from gateway.store.database import Database
from gateway.store.tables import jobs, usage_costs, usage_points

# By account, project, dimension, hours of the span, its number, value, and the figure.
Figures = Mapping[tuple[Any, ...], int]

HOUR_MS = 60 * 60 * 1000
SPANS = {hours: hours * HOUR_MS for hours in (1, 24, 96, 384, 1_536, 6_144, 24_576)}
SPLITS = (
    "category",
    "model_id",
    "user_id",
    "status",
    "source",
    "project_id",
    "submitted_by",
)


async def read_runs(database: Database) -> list[dict[str, Any]]:
    """Read the jobs whose runs have ended."""
    ended = jobs.c.run_start_ms.is_not(None) & jobs.c.run_end_ms.is_not(None)
    nanos = type_coerce(jobs.c.cost_amount, BigInteger).label("nanos")
    async with database.reader.connect() as conn:
        rows = await conn.execute(select(jobs, nanos).where(ended))
        return [dict(row) for row in rows.mappings()]


async def read_figures(database: Database, table: Table) -> Figures:
    """Read all figures of a table that has them."""
    keys = list(table.primary_key.columns.keys())
    async with database.reader.connect() as conn:
        rows = (await conn.execute(select(table))).mappings().all()
    return {
        (*(row[key] for key in keys), name): figure
        for row in rows
        for name, figure in row.items()
        if name not in keys and (figure or name in {"starts", "ends", "jobs"})
    }


def add_up(table: Table, runs: Iterable[Mapping[str, Any]]) -> Figures:
    """Compute what the figures of a table should be."""
    found: Counter[tuple[Any, ...]] = Counter()
    for run in runs:
        for project, dimension, value in to_groups(run):
            for hours, length_ms in SPANS.items():
                place = (run["account"], project, dimension, hours)
                for span, rest, name, figure in to_parts(table, run, length_ms):
                    found[*place, span, value, *rest, name] += figure
    counts = {"starts", "ends", "jobs"}
    return {place: n for place, n in found.items() if n or place[-1] in counts}


def to_groups(run: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give the groups that a run belongs to: project, dimension, value."""
    yield "", "", ""
    for name in SPLITS:
        yield "", name, to_text(run[name])
    project = to_text(run["project_id"])
    if project:
        yield project, "", ""
        for name in SPLITS:
            if name != "project_id":
                yield project, name, to_text(run[name])


def to_text(value: object) -> str:
    """Write a value as the keys have it."""
    return "" if value is None else f"={value}"


def to_parts(
    table: Table, run: Mapping[str, Any], length_ms: int
) -> Iterator[tuple[int, tuple[str, ...], str, int]]:
    """Give a run's part in the figures of one length of spans."""
    start_ms, end_ms = run["run_start_ms"], run["run_end_ms"]
    first = start_ms // length_ms
    last = max(start_ms, end_ms - 1) // length_ms
    if table is usage_points:
        yield first, (), "starts", 1
        yield first, (), "starts_ms", start_ms - first * length_ms
        yield first, (), "ends", 0
        yield last, (), "starts", 0
        yield last, (), "ends", 1
        yield last, (), "ends_ms", end_ms - last * length_ms
    elif table is usage_costs and run["nanos"] is not None:
        currency = (run["cost_currency"],)
        yield last, currency, "jobs", 1
        yield last, currency, "units", run["nanos"] // 10**9
        yield last, currency, "nanos", run["nanos"] % 10**9
