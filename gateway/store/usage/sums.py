"""SQL that adds up usage figures: hours from jobs, longer spans from shorter ones.

`usage.changes` gives the same figures by other means: one checks the other.
"""

from dataclasses import dataclass

from sqlalchemy import Table

from gateway.store.tables import usage_costs, usage_points
from gateway.store.usage.spans import DIMENSIONS, EVERYTHING, HOUR_MS, SPAN_HOURS

# ruff: noqa: S608 -- all that is put into statements here is constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A dimension that figures are split by, for the account or for each project."""

    dimension: str
    in_project: bool


SPLITS = tuple(
    Split(dimension=dimension, in_project=in_project)
    for in_project in (False, True)
    for dimension in (EVERYTHING, *DIMENSIONS)
    if not (in_project and dimension == "project_id")
)
TABLES = (usage_points, usage_costs)
# The columns of the key after account and span length, and the figures.
KEYS = {
    usage_points: ("project", "dimension", "span", "value"),
    usage_costs: ("project", "dimension", "span", "value", "currency"),
}
FIGURES = {
    usage_points: ("starts", "starts_ms", "ends", "ends_ms"),
    usage_costs: ("jobs", "units", "nanos"),
}
NANOS_IN_UNIT = 1_000_000_000


def floor_division_sql(number: str, size: int) -> str:
    """Divide and round down, where both databases round towards zero."""
    return f"(({number} - ({number} % {size} + {size}) % {size}) / {size})"


LAST = "(CASE WHEN run_end_ms > run_start_ms THEN run_end_ms - 1 ELSE run_end_ms END)"
START_HOUR, LAST_HOUR = (
    floor_division_sql(place, HOUR_MS) for place in ("run_start_ms", LAST)
)
UNITS = floor_division_sql("cost_amount", NANOS_IN_UNIT)
ENDED_RUNS = (
    "FROM jobs WHERE account = :account AND job_id BETWEEN :first AND :last"
    " AND run_start_ms IS NOT NULL AND run_end_ms IS NOT NULL"
)


def select_hour_sums(table: Table, split: Split) -> str:
    """Add up the hours of an account's jobs from number `:first` to `:last`."""
    return select_sums(
        table,
        select_run_costs(split) if table is usage_costs else select_run_points(split),
    )


def select_run_points(split: Split) -> str:
    """Select starts and ends of runs, each in its hour."""
    keys, condition = usage_keys_sql(split)
    return (
        f"SELECT {keys}, {START_HOUR} AS span, 1 AS starts,"
        f" run_start_ms - {START_HOUR} * {HOUR_MS} AS starts_ms,"
        f" 0 AS ends, 0 AS ends_ms {ENDED_RUNS}{condition}"
        f" UNION ALL SELECT {keys}, {LAST_HOUR}, 0, 0, 1,"
        f" run_end_ms - {LAST_HOUR} * {HOUR_MS} {ENDED_RUNS}{condition}"
    )


def select_run_costs(split: Split) -> str:
    """Select costs, each in the hour of the run's end."""
    keys, condition = usage_keys_sql(split)
    return (
        f"SELECT {keys}, {LAST_HOUR} AS span, cost_currency AS currency, 1 AS jobs,"
        f" {UNITS} AS units, cost_amount - {UNITS} * {NANOS_IN_UNIT} AS nanos"
        f" {ENDED_RUNS} AND cost_amount IS NOT NULL{condition}"
    )


def usage_keys_sql(split: Split) -> tuple[str, str]:
    """Write a job's key columns in a split, and the condition to count in it."""
    project = usage_key_sql("project_id") if split.in_project else "''"
    value = usage_key_sql(split.dimension) if split.dimension else "''"
    condition = " AND project_id IS NOT NULL" if split.in_project else ""
    return (
        f"{project} AS project, '{split.dimension}' AS dimension, {value} AS value",
        condition,
    )


def usage_key_sql(column: str) -> str:
    """Write a column's value as `usage.spans.usage_key_sql` does."""
    return f"CASE WHEN {column} IS NULL THEN '' ELSE '=' || CAST({column} AS TEXT) END"


def select_span_sums(table: Table, level: int) -> str:
    """Add up an account's spans of a length from the stored shorter ones."""
    shorter, ratio = SPAN_HOURS[level - 1], SPAN_HOURS[level] // SPAN_HOURS[level - 1]
    span = floor_division_sql("span", ratio)
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
    return select_sums(
        table,
        f"SELECT {keys}, {figures} FROM {table.name}"
        f" WHERE account = :account AND span_hours = {shorter}",
    )


def select_sums(table: Table, single: str) -> str:
    """Add up figures by their keys."""
    keys = ", ".join(KEYS[table])
    sums = ", ".join(f"sum({name}) AS {name}" for name in FIGURES[table])
    return f"SELECT {keys}, {sums} FROM ({single}) AS single GROUP BY {keys}"
