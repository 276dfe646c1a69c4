"""Usage figures against the jobs they are of: what differs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from gateway.store.columns import from_micros
from gateway.store.database import Database, mapped_errors
from gateway.store.tables import LATEST, usage_costs, usage_points
from gateway.store.usage.spans import HOUR_MS, SPAN_HOURS
from gateway.store.usage.sums import (
    FIGURES,
    KEYS,
    SPLITS,
    Split,
    sum_hours,
    sum_spans,
)

TABLES = (usage_points, usage_costs)
# SQLite would else group the points of all jobs in memory.
SPILL = "PRAGMA temp_store=FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Figures that are not what they are made of adds up to.

    Attributes:
        place: What they are of, by the names of their key.
        kept: The figures by their names; None where there are none.
        found: What the jobs say, or the shorter spans.
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
        kept, found = to_words(self.kept), to_words(self.found)
        return f"{', '.join(words)}: kept {kept}; right {found}"

    def to_parts(self) -> Iterator[tuple[str, str]]:
        """Give what the figures are of, besides their time."""
        if self.place["project"]:
            yield "project", self.place["project"]
        if self.place["dimension"]:
            yield self.place["dimension"], self.place["value"]
        if "currency" in self.place:
            yield "currency", self.place["currency"]


def to_words(figures: dict[str, int] | None) -> str:
    """Write figures down."""
    if figures is None:
        return "nothing"
    return " ".join(f"{name}={figure}" for name, figure in figures.items())


async def verify_usage(
    database: Database, account: str, limit: int
) -> Sequence[Difference]:
    """Compare an account's figures with its jobs, and give the first differences.

    Each comparison is one statement, so that writes in between do no harm.

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
                    differences += await compare(conn, table, level, split, values)
    return differences


def to_comparisons() -> Iterator[tuple[Table, int, Split | None]]:
    """List what is compared: hours with jobs, longer spans with shorter ones."""
    for table in TABLES:
        for split in SPLITS:
            yield table, 0, split
        for level in range(1, len(SPAN_HOURS)):
            yield table, level, None


async def compare(
    conn: AsyncConnection,
    table: Table,
    level: int,
    split: Split | None,
    values: dict[str, Any],
) -> Sequence[Difference]:
    """Find the figures of a length of spans that differ."""
    await conn.rollback()  # each statement sees what is committed by then
    sql = to_comparison(table, level, split)
    if split is not None:
        values = {"first": -LATEST, "last": LATEST, **values}
    rows = await conn.execute(text(sql), values)
    keys, figures = KEYS[table], FIGURES[table]
    return [
        Difference(
            span_hours=SPAN_HOURS[level],
            place={name: row[name] for name in keys},
            kept=to_figures(row, "kept", figures),
            found=to_figures(row, "found", figures),
        )
        for row in rows.mappings()
    ]


def to_figures(row: Any, side: str, names: Sequence[str]) -> dict[str, int] | None:  # noqa: ANN401 -- a row by names
    """Give one side of a comparison."""
    if not row[side]:
        return None
    return {name: int(row[f"{side}_{name}"]) for name in names}


def to_comparison(table: Table, level: int, split: Split | None) -> str:
    """Write the statement that finds differences."""
    keys, figures = ", ".join(KEYS[table]), FIGURES[table]
    kept = f"SELECT {keys}, {', '.join(figures)} FROM {table.name} WHERE {{condition}}"  # noqa: S608 -- constant names
    condition = f"account = :account AND span_hours = {SPAN_HOURS[level]}"
    if split is None:
        found = sum_spans(table, level)
    else:
        found = sum_hours(table, split)
        sign = "<>" if split.in_project else "="
        condition += f" AND project {sign} '' AND dimension = '{split.dimension}'"
    sides = " UNION ALL ".join(
        to_side(side, rows, table)
        for side, rows in (("kept", kept.format(condition=condition)), ("found", found))
    )
    sums = ", ".join(f"sum({name}) AS {name}" for name in to_columns(table))
    differs = " OR ".join(f"sum(kept_{name}) <> sum(found_{name})" for name in figures)
    return (
        f"SELECT {keys}, {sums} FROM ({sides}) AS sides GROUP BY {keys}"  # noqa: S608 -- constant names
        f" HAVING sum(kept) <> sum(found) OR {differs} ORDER BY {keys} LIMIT :limit"
    )


def to_columns(table: Table) -> Sequence[str]:
    """Name what each side of a comparison gives: if it has figures, and which."""
    return [
        name
        for side in ("kept", "found")
        for name in (side, *(f"{side}_{figure}" for figure in FIGURES[table]))
    ]


def to_side(side: str, rows: str, table: Table) -> str:
    """Select the figures of one side, and zeros for the other."""
    columns = (
        f"{name.removeprefix(side + '_') if name.startswith(side) else 0} AS {name}"
        if name != side
        else f"1 AS {name}"
        for name in to_columns(table)
    )
    return f"SELECT {', '.join(KEYS[table])}, {', '.join(columns)} FROM ({rows}) AS {side}_rows"  # noqa: S608, E501 -- constant names
