"""Filter arguments to predicates: what is compared, apart from the values.

Predicates are part of a statement's shape and hold no values; the values travel beside
them, by parameter name, and become bind parameters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from gateway.records import STATUS_GROUPS, JobStatus
from gateway.store.columns import to_micros

Values = Mapping[str, Any]


class Operator(StrEnum):
    """How a column is compared."""

    ANY = "ANY"
    ANY_ROW = "ANY_ROW"
    FROM = "FROM"
    TO = "TO"
    IS_NULL = "IS_NULL"
    RUNS_IN = "RUNS_IN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """One comparison.

    Attributes:
        parameter: Names the value; RUNS_IN has three, with `_start`, `_end` and `_now`
            behind it.
        also: With ANY_ROW, the columns that are compared together with `column`.
        through: A table that has `column` too, and predicates on that table: the column
            is any of the selected rows'.
    """

    column: str
    operator: Operator
    parameter: str = ""
    also: tuple[str, ...] = ()
    through: str | None = None
    predicates: tuple["Predicate", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Predicates that all hold, and their values."""

    predicates: tuple[Predicate, ...] = ()
    values: Values


LISTS = {
    "source": "source",
    "projectId": "project_id",
    "category": "category",
    "submittedBy": "submitted_by",
}
RANGES = {
    "createdAt": "created_at",
    "submittedAt": "submitted_at",
    "startedAt": "started_at",
    "finishedAt": "finished_at",
    "updatedAt": "updated_at",
}
MODEL_LISTS = ("identifier", "name", "version")


def plan_filter(argument: Mapping[str, Any] | None) -> Filter:
    """Read a `JobFilter`, as coerced by graphql-core; null restricts nothing."""
    given = {k: v for k, v in (argument or {}).items() if v is not None}
    parts = [
        *plan_statuses(given),
        *(any_of(LISTS[name], given[name]) for name in LISTS if name in given),
        *plan_model(given.get("model") or {}),
        *plan_user(given.get("user")),
        *(
            part
            for name, column in RANGES.items()
            for part in plan_range(column, given.get(name) or {})
        ),
    ]
    return join(parts)


def join(parts: Iterable[Filter]) -> Filter:
    """Let all filters hold."""
    parts = list(parts)
    return Filter(
        predicates=tuple(found for part in parts for found in part.predicates),
        values={name: value for part in parts for name, value in part.values.items()},
    )


def any_of(column: str, values: Iterable[Any], parameter: str = "") -> Filter:
    """Let a column be any of some values, which is none when there are none.

    A text with a NUL equals nothing that is stored, and PostgreSQL takes none.
    """
    parameter = parameter or column
    found = sorted({value for value in values if "\0" not in str(value)})
    predicate = Predicate(column=column, operator=Operator.ANY, parameter=parameter)
    return Filter(predicates=(predicate,), values={parameter: found})


def any_row_of(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Filter:
    """Let columns of text be together what they are in any of some rows.

    A null counts as the empty text: no two models differ in that alone. For a NUL see
    `any_of`.
    """
    wanted = [[text or "" for text in row] for row in rows]
    found = [orjson.dumps(row).decode() for row in wanted if "\0" not in "".join(row)]
    column, *also = columns
    predicate = Predicate(
        column=column, operator=Operator.ANY_ROW, parameter="rows", also=tuple(also)
    )
    return Filter(predicates=(predicate,), values={"rows": found})


def matches_nothing(restriction: Filter) -> bool:
    """Tell whether a list of the filter is empty, so that no job has any of it."""
    return any(
        found.operator == Operator.ANY
        and found.through is None
        and not restriction.values[found.parameter]
        for found in restriction.predicates
    )


def plan_statuses(given: Mapping[str, Any]) -> list[Filter]:
    """Let the status be in the list and in the group."""
    if "status" not in given and "statusGroup" not in given:
        return []
    statuses = set(given.get("status", JobStatus))
    if "statusGroup" in given:
        statuses &= STATUS_GROUPS[given["statusGroup"]]
    if len(statuses) == len(JobStatus):
        return []
    return [any_of("status", (status.value for status in statuses))]


def plan_model(given: Mapping[str, Any]) -> list[Filter]:
    """Let the model be one that has the identifier, the name and the version."""
    inner = join(
        any_of(name, given[name], f"model_{name}")
        for name in MODEL_LISTS
        if given.get(name) is not None
    )
    return [through("model_id", "models", inner)] if inner.predicates else []


def plan_user(identifiers: Sequence[str] | None) -> list[Filter]:
    """Let the user be one that has an identifier of the list."""
    if identifiers is None:
        return []
    return [through("user_id", "users", any_of("identifier", identifiers, "user"))]


def through(column: str, table: str, inner: Filter) -> Filter:
    """Let a column be any of what it is in the chosen rows of another table."""
    predicate = Predicate(
        column=column,
        operator=Operator.ANY,
        parameter=column,
        through=table,
        predicates=inner.predicates,
    )
    return Filter(predicates=(predicate,), values=inner.values)


def plan_range(column: str, given: Mapping[str, datetime | None]) -> list[Filter]:
    """Let an instant be at or after `from`, and before `to`."""
    return [
        Filter(
            predicates=(
                Predicate(
                    column=column, operator=operator, parameter=f"{column}_{bound}"
                ),
            ),
            values={f"{column}_{bound}": to_micros(instant)},
        )
        for bound, operator in (("from", Operator.FROM), ("to", Operator.TO))
        if (instant := given.get(bound)) is not None
    ]
