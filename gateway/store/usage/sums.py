"""Jobs to the SQL that adds up their usage anew, hours from jobs and days from hours.

The same figures as `usage.changes` gives, by another way: one checks the other.
"""

from dataclasses import dataclass

from sqlalchemy import Table

from gateway.store.tables import usage_costs, usage_points
from gateway.store.usage.spans import DIMENSIONS, EVERYTHING, HOUR_MS, SPAN_HOURS

# ruff: noqa: S608 -- all that is put into statements here is constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What figures are split by: a dimension, of the account or of each project."""

    dimension: str
    in_project: bool


SPLITS = tuple(
    Split(dimension=dimension, in_project=in_project)
    for in_project in (False, True)
    for dimension in (EVERYTHING, *DIMENSIONS)
    if not (in_project and dimension == "project_id")
)
# The columns that say what figures of an account and a length of spans are of, and the
# figures.
KEYS = {
    usage_points: ("project", "dimension", "span", "value"),
    usage_costs: ("project", "dimension", "span", "value", "currency"),
}
FIGURES = {
    usage_points: ("starts", "starts_ms", "ends", "ends_ms"),
    usage_costs: ("jobs", "units", "nanos"),
}
NANOS_IN_UNIT = 1_000_000_000


def to_floor(number: str, size: int) -> str:
    """Divide, rounding down: both databases round to zero."""
    return f"(({number} - ({number} % {size} + {size}) % {size}) / {size})"


LAST = "(CASE WHEN run_end_ms > run_start_ms THEN run_end_ms - 1 ELSE run_end_ms END)"
START_HOUR, LAST_HOUR = (to_floor(place, HOUR_MS) for place in ("run_start_ms", LAST))
UNITS = to_floor("cost_amount", NANOS_IN_UNIT)
ENDED_RUNS = (
    "FROM jobs WHERE account = :account AND job_id BETWEEN :first AND :last"
    " AND run_start_ms IS NOT NULL AND run_end_ms IS NOT NULL"
)


def sum_hours(table: Table, split: Split) -> str:
    """Add up hours of the jobs of an account from number `:first` to `:last`."""
    return to_sum(table, to_costs(split) if table is usage_costs else to_points(split))


def to_points(split: Split) -> str:
    """Select starts and ends of runs, each in its hour."""
    keys, condition = to_keys(split)
    return (
        f"SELECT {keys}, {START_HOUR} AS span, 1 AS starts,"
        f" run_start_ms - {START_HOUR} * {HOUR_MS} AS starts_ms,"
        f" 0 AS ends, 0 AS ends_ms {ENDED_RUNS}{condition}"
        f" UNION ALL SELECT {keys}, {LAST_HOUR}, 0, 0, 1,"
        f" run_end_ms - {LAST_HOUR} * {HOUR_MS} {ENDED_RUNS}{condition}"
    )


def to_costs(split: Split) -> str:
    """Select costs, each in the hour of its run's end."""
    keys, condition = to_keys(split)
    return (
        f"SELECT {keys}, {LAST_HOUR} AS span, cost_currency AS currency, 1 AS jobs,"
        f" {UNITS} AS units, cost_amount - {UNITS} * {NANOS_IN_UNIT} AS nanos"
        f" {ENDED_RUNS} AND cost_amount IS NOT NULL{condition}"
    )


def to_keys(split: Split) -> tuple[str, str]:
    """Give the key columns that a split makes of a job, and a condition."""
    project = to_key("project_id") if split.in_project else "''"
    value = to_key(split.dimension) if split.dimension else "''"
    condition = " AND project_id IS NOT NULL" if split.in_project else ""
    return (
        f"{project} AS project, '{split.dimension}' AS dimension, {value} AS value",
        condition,
    )


def to_key(column: str) -> str:
    """Write a column's value as `usage.spans.to_key` does."""
    return f"CASE WHEN {column} IS NULL THEN '' ELSE '=' || CAST({column} AS TEXT) END"


def sum_spans(table: Table, level: int) -> str:
    """Add up an account's spans of a length from those that are stored of a shorter."""
    shorter, ratio = SPAN_HOURS[level - 1], SPAN_HOURS[level] // SPAN_HOURS[level - 1]
    span = to_floor("span", ratio)
    passed_ms = f"(span - {span} * {ratio}) * {shorter * HOUR_MS}"
    keys = ", ".join(
        f"{span} AS span" if name == "span" else name for name in KEYS[table]
    )
    figures = ", ".join(
        f"{name} + {name.removesuffix('_ms')} * {passed_ms} AS {name}"
        if name.endswith("_ms")
        else name
        for name in FIGURES[table]
    )
    return to_sum(
        table,
        f"SELECT {keys}, {figures} FROM {table.name}"
        f" WHERE account = :account AND span_hours = {shorter}",
    )


def to_sum(table: Table, single: str) -> str:
    """Add up single figures by their keys."""
    keys = ", ".join(KEYS[table])
    sums = ", ".join(f"sum({name}) AS {name}" for name in FIGURES[table])
    return f"SELECT {keys}, {sums} FROM ({single}) AS single GROUP BY {keys}"
