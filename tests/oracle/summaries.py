"""The arguments of `usageSummary` to its value."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.errors import ErrorCode
from tests.oracle.filters import is_meant, value_of
from tests.oracle.objects import Object, Plain
from tests.oracle.pages import RefusedError
from tests.oracle.records import StoredJob
from tests.oracle.usage import Run, Span, from_ms, measure, split, to_run

DIMENSIONS = {
    "CATEGORY": "category",
    "STATUS": "status",
    "SOURCE": "source",
    "PROJECT": "project_id",
    "SUBMITTED_BY": "submitted_by",
}
FIELDS = {
    "category": "CATEGORY",
    "status": "STATUS",
    "source": "SOURCE",
    "projectId": "PROJECT",
    "submittedBy": "SUBMITTED_BY",
}


def summarise(plain: Plain, _: object, **given: Any) -> Object:  # noqa: ANN401 -- arguments of a field
    """Compute a usage summary."""
    dimensions = given["groupBy"]
    if len(dimensions) > 3 or len(set(dimensions)) < len(dimensions):
        raise RefusedError(ErrorCode.BAD_USER_INPUT)
    window = given["startDate"], given["endDate"]
    parts = split(window, given.get("bucket"), given["timeZone"])
    runs = [
        run
        for stored in plain.jobs()
        if is_meant(stored, given.get("filter"))
        and given.get("projectId") in {None, stored.record.project_id}
        and (run := to_run(stored, plain.now)) is not None
    ]
    groups = [
        group for part in parts for group in group_by(plain, dimensions, runs, part)
    ]
    if given["fillEmpty"] and parts[0].start < parts[-1].end:
        groups = fill_empty_groups(groups, parts, dimensions)
    order = given.get("orderBy") or {"field": "LENGTH", "direction": "DESC"}
    return {
        "startDate": window[0],
        "endDate": window[1],
        "asOf": plain.now,
        "summary": [
            {
                **to_dimensions(plain, group.stored, dimensions),
                **group.figures,
                **(bucket_edges(group.part) if given.get("bucket") else {}),
                "jobs": partial(plain.list_runs, group.lengths),
            }
            for group in order_groups(plain, groups, dimensions, order)
        ],
        "totals": measure(runs, Span(start=parts[0].start, end=parts[-1].end)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Runs of the same dimensions that touch a part of the window.

    Attributes:
        stored: A job that has them; None: there are no dimensions, and no jobs.
    """

    part: Span
    key: tuple[Any, ...]
    stored: StoredJob | None
    runs: Sequence[Run]

    @property
    def figures(self) -> Object:
        """The figures of the runs."""
        return measure(self.runs, self.part)

    @property
    def lengths(self) -> Mapping[int, int]:
        """The parts of the runs, by the numbers of their jobs."""
        return {run.stored.number: run.inside(self.part) for run in self.runs}


def fill_empty_groups(
    groups: Sequence[Group], parts: Sequence[Span], dimensions: Sequence[str]
) -> list[Group]:
    """Add groups without runs, so that each group is in each part."""
    known = {(group.part, group.key): group for group in groups}
    stored: dict[tuple[Any, ...], StoredJob | None] = {g.key: g.stored for g in groups}
    if not dimensions:
        stored.setdefault((), None)
    return [
        known.get((part, key), Group(part=part, key=key, stored=stored[key], runs=[]))
        for part in parts
        for key in stored
    ]


def order_groups(
    plain: Plain,
    groups: Sequence[Group],
    dimensions: Sequence[str],
    order: Mapping[str, str],
) -> Sequence[Group]:
    """Sort groups by their part, then by what is asked for; null last."""

    def rank(group: Group) -> list[Any]:
        return [
            (value is None, *(to_name(plain, name, value) if is_named else ()), value)
            for name, value in zip(dimensions, group.key, strict=True)
        ]

    is_named = order["field"] == "KEY"
    is_down = order["direction"] == "DESC"
    found = sorted(groups, key=rank, reverse=is_named and is_down)
    if not is_named:
        figure = "lengthMs" if order["field"] == "LENGTH" else "jobCount"
        sign = -1 if is_down else 1
        found.sort(key=lambda group: sign * group.figures[figure])
    return sorted(found, key=lambda group: group.part.start)


def to_name(plain: Plain, dimension: str, number: Any) -> tuple[Any, ...]:  # noqa: ANN401 -- a value of a dimension
    """Give what a model or a user is sorted by before its number."""
    if number is None:
        return ()
    if dimension == "MODEL":
        model = plain.models(plain.world.jobs)[number - 1]
        return model.identifier, model.version is not None, model.version or ""
    if dimension == "USER":
        source, user = plain.users(plain.world.jobs)[number - 1]
        return user.identifier, source.value
    return ()


def group_by(
    plain: Plain, dimensions: Sequence[str], runs: Sequence[Run], part: Span
) -> Iterable[Group]:
    """Group the runs that touch a part of the window."""
    found: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        if run.touches(part):
            found.setdefault(key_of(plain, run.stored, dimensions), []).append(run)
    return [
        Group(part=part, key=key, stored=mine[0].stored, runs=mine)
        for key, mine in found.items()
    ]


def key_of(
    plain: Plain, stored: StoredJob, dimensions: Sequence[str]
) -> tuple[Any, ...]:
    """Give a job's value of each dimension."""
    numbers: Mapping[str, Callable[[StoredJob], int | None]] = {
        "MODEL": plain.model_number,
        "USER": plain.user_number,
    }
    return tuple(
        numbers[name](stored) if name in numbers else value_of(stored, DIMENSIONS[name])
        for name in dimensions
    )


def to_dimensions(
    plain: Plain, stored: StoredJob | None, dimensions: Sequence[str]
) -> Object:
    """Give the fields that say which group a job is of."""
    if stored is None:
        return {}
    job = stored.record
    found = {
        field: value_of(stored, DIMENSIONS[name])
        for field, name in FIELDS.items()
        if name in dimensions
    }
    if "MODEL" in dimensions and job.model:
        found["model"] = plain.to_model(job.model)
    if "USER" in dimensions and job.user:
        found["user"] = plain.to_user(job.source, job.user)
    return found


def bucket_edges(part: Span) -> Object:
    """Give the edges of a part of the window."""
    return {"bucketStart": from_ms(part.start), "bucketEnd": from_ms(part.end)}
