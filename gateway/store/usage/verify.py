"""Comparing the usage figures with the jobs, in the database itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from gateway.store.columns import from_micros
from gateway.store.database import Database, mapped_errors
from gateway.store.tables import LATEST
from gateway.store.usage.spans import HOUR_MS, SPAN_HOURS
from gateway.store.usage.sums import (
    FIGURES,
    KEYS,
    SPLITS,
    TABLES,
    Split,
    select_hour_sums,
    select_span_sums,
)

# ruff: noqa: S608 -- all that is put into statements here is constant

# Else SQLite would group the points of all jobs in memory.
SPILL = "PRAGMA temp_store=FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row of figures that is not the sum of its jobs, or of its shorter spans.

    Attributes:
        place: The key by column.
        kept: The figures by column; None where there is no row.
        found: The sums that it should have; None where it should not be.
    """

    span_hours: int
    place: dict[str, Any]
    kept: dict[str, int] | None
    found: dict[str, int] | None

    @override
    def __str__(self) -> str:
        start_ms = self.place["span"] * self.span_hours * HOUR_MS
        words = [
            f"{from_micros(start_ms * 1000):%Y-%m-%dT%H:%MZ} + {self.span_hours} h",
            *(
                f"{name} {value.removeprefix('=') or 'none'}"
                for name, value in self.to_parts()
            ),
        ]
        kept, found = format_figures(self.kept), format_figures(self.found)
        return f"{', '.join(words)}: kept {kept}; right {found}"

    def to_parts(self) -> Iterator[tuple[str, str]]:
        """Give the names and values of the key, besides the time."""
        if self.place["project"]:
            yield "project", self.place["project"]
        if self.place["dimension"]:
            yield self.place["dimension"], self.place["value"]
        if "currency" in self.place:
            yield "currency", self.place["currency"]


def format_figures(figures: dict[str, int] | None) -> str:
    """Write figures as text."""
    if figures is None:
        return "nothing"
    return " ".join(f"{name}={figure}" for name, figure in figures.items())


async def verify_usage(
    database: Database, account: str, limit: int
) -> Sequence[Difference]:
    """Compare an account's figures with its jobs, and give the first differences.

    Each comparison is one statement, which sees no write in part.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    differences: list[Difference] = []
    with mapped_errors():
        async with database.reader.connect() as conn:
            if conn.dialect.name == "sqlite":
                await conn.exec_driver_sql(SPILL)
            for table, level, split in to_comparisons():
                left = limit - len(differences)
                values = {"account": account, "limit": left}
                if left > 0:
                    differences += await read_differences(
                        conn, table, level, split, values
                    )
    return differences


def to_comparisons() -> Iterator[tuple[Table, int, Split | None]]:
    """List the comparisons: hours with jobs, longer spans with shorter ones."""
    for table in TABLES:
        for split in SPLITS:
            yield table, 0, split
        for level in range(1, len(SPAN_HOURS)):
            yield table, level, None


async def read_differences(
    conn: AsyncConnection,
    table: Table,
    level: int,
    split: Split | None,
    values: dict[str, Any],
) -> Sequence[Difference]:
    """Find the spans of a length whose figures differ."""
    await conn.rollback()  # each statement sees what is committed by then
    sql = select_differences(table, level, split)
    if split is not None:
        values = {"first": -LATEST, "last": LATEST, **values}
    rows = await conn.execute(text(sql), values)
    keys, figures = KEYS[table], FIGURES[table]
    return [
        Difference(
            span_hours=SPAN_HOURS[level],
            place={name: row[name] for name in keys},
            kept=figures_of_side(row, "kept", figures),
            found=figures_of_side(row, "found", figures),
        )
        for row in rows.mappings()
    ]


def figures_of_side(
    row: Mapping[Any, Any], side: str, names: Sequence[str]
) -> dict[str, int] | None:
    """Give one side of a comparison, None where it has no row."""
    figures = {name: row[f"{side}_{name}"] for name in names}
    if None in figures.values():
        return None
    return {name: int(figure) for name, figure in figures.items()}


def select_differences(table: Table, level: int, split: Split | None) -> str:
    """Write the select of differences between stored and computed figures."""
    keys, figures = ", ".join(KEYS[table]), ", ".join(FIGURES[table])
    condition = f"account = :account AND span_hours = {SPAN_HOURS[level]}"
    if split is None:
        found = select_span_sums(table, level)
    else:
        found = select_hour_sums(table, split)
        sign = "<>" if split.in_project else "="
        condition += f" AND project {sign} '' AND dimension = '{split.dimension}'"
    sums = {
        f"{side}_{name}": f"sum(CASE WHEN side = '{side}' THEN {name} END)"
        for side in ("kept", "found")
        for name in FIGURES[table]
    }
    differs = " OR ".join(
        f"{sums[f'kept_{name}']} <> {sums[f'found_{name}']}" for name in FIGURES[table]
    )
    return (
        f"SELECT {keys}, {', '.join(f'{sums[name]} AS {name}' for name in sums)}"
        f" FROM (SELECT 'kept' AS side, {keys}, {figures} FROM {table.name}"
        f" WHERE {condition} UNION ALL"
        f" SELECT 'found', {keys}, {figures} FROM ({found}) AS computed) AS sides"
        f" GROUP BY {keys} HAVING count(*) <> 2 OR {differs}"
        f" ORDER BY {keys} LIMIT :limit"
    )
