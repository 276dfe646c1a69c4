"""Filter arguments to predicates, and to the values of their bind parameters.

Predicates are part of a statement's shape and hold no values; those are kept beside
them, by the name of their bind parameter.
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
    """A comparison of a column, without its values.

    Attributes:
        parameter: The bind parameter; RUNS_IN has three, with the suffixes `_start`,
            `_end` and `_now`.
        also: With ANY_ROW, the columns that are compared together with `column`.
        through: The table of a semi-join, which has `column` too.
        predicates: The predicates on that table.
    """

    column: str
    operator: Operator
    parameter: str = ""
    also: tuple[str, ...] = ()
    through: str | None = None
    predicates: tuple["Predicate", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Predicates joined by AND, with the values of their bind parameters."""

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
    """Plan a coerced `JobFilter`; null does not restrict."""
    given = {k: v for k, v in (argument or {}).items() if v is not None}
    parts = [
        *plan_status(given),
        *(any_of(LISTS[name], given[name]) for name in LISTS if name in given),
        *plan_model(given.get("model") or {}),
        *plan_user(given.get("user")),
        *(
            part
            for name, column in RANGES.items()
            for part in plan_range(column, given.get(name) or {})
        ),
    ]
    return combine(parts)


def combine(filters: Iterable[Filter]) -> Filter:
    """Combine filters by AND."""
    parts = list(filters)
    return Filter(
        predicates=tuple(found for part in parts for found in part.predicates),
        values={name: value for part in parts for name, value in part.values.items()},
    )


def any_of(column: str, values: Iterable[Any], parameter: str = "") -> Filter:
    """Restrict a column to a list of values; an empty list matches nothing.

    A text with a NUL is dropped: none is stored, and PostgreSQL refuses it.
    """
    parameter = parameter or column
    found = sorted({value for value in values if "\0" not in str(value)})
    predicate = Predicate(column=column, operator=Operator.ANY, parameter=parameter)
    return Filter(predicates=(predicate,), values={parameter: found})


def any_row_of(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Filter:
    """Restrict text columns, compared together, to a list of rows.

    A null counts as the empty text: no two models differ in that alone. Rows with a NUL
    are dropped; see `any_of`.
    """
    wanted = [[text or "" for text in row] for row in rows]
    found = [orjson.dumps(row).decode() for row in wanted if "\0" not in "".join(row)]
    column, *also = columns
    predicate = Predicate(
        column=column, operator=Operator.ANY_ROW, parameter="rows", also=tuple(also)
    )
    return Filter(predicates=(predicate,), values={"rows": found})


def matches_nothing(restriction: Filter) -> bool:
    """Tell whether a list of the filter is empty, so that no job matches."""
    return any(
        found.operator == Operator.ANY
        and found.through is None
        and not restriction.values[found.parameter]
        for found in restriction.predicates
    )


def plan_status(given: Mapping[str, Any]) -> list[Filter]:
    """Restrict the status to the list and the group, where they are given."""
    if "status" not in given and "statusGroup" not in given:
        return []
    statuses = set(given.get("status", JobStatus))
    if "statusGroup" in given:
        statuses &= STATUS_GROUPS[given["statusGroup"]]
    if len(statuses) == len(JobStatus):
        return []
    return [any_of("status", (status.value for status in statuses))]


def plan_model(given: Mapping[str, Any]) -> list[Filter]:
    """Restrict the model by identifier, name and version."""
    inner = combine(
        any_of(name, given[name], f"model_{name}")
        for name in MODEL_LISTS
        if given.get(name) is not None
    )
    return [semi_join("model_id", "models", inner)] if inner.predicates else []


def plan_user(identifiers: Sequence[str] | None) -> list[Filter]:
    """Restrict the user to a list of identifiers."""
    if identifiers is None:
        return []
    return [semi_join("user_id", "users", any_of("identifier", identifiers, "user"))]


def semi_join(column: str, table: str, inner: Filter) -> Filter:
    """Semi-join: restrict a foreign key to the matching rows of another table."""
    predicate = Predicate(
        column=column,
        operator=Operator.ANY,
        parameter=column,
        through=table,
        predicates=inner.predicates,
    )
    return Filter(predicates=(predicate,), values=inner.values)


def plan_range(column: str, given: Mapping[str, datetime | None]) -> list[Filter]:
    """Restrict an instant to `from`, inclusive, and `to`, exclusive."""
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
