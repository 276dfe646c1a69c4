"""The arguments of `usageSummary` to its value."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.errors import ErrorCode
from tests.oracle.filters import is_meant, value_of
from tests.oracle.objects import Object, Plain
from tests.oracle.pages import RefusedError
from tests.oracle.records import Kept
from tests.oracle.usage import Run, Span, from_ms, measure, split, to_run

__all__ = ["summarise"]

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
        for kept in plain.jobs()
        if is_meant(kept, given.get("filter"))
        and given.get("projectId") in {None, kept.record.project_id}
        and (run := to_run(kept, plain.now)) is not None
    ]
    groups = [
        group for part in parts for group in group_by(plain, dimensions, runs, part)
    ]
    return {
        "startDate": window[0],
        "endDate": window[1],
        "asOf": plain.now,
        "summary": [
            {
                **to_dimensions(plain, group.runs[0].kept, dimensions),
                **group.figures,
                **(to_edges(group.part) if given.get("bucket") else {}),
                "jobs": partial(plain.list_jobs, [run.kept for run in group.runs]),
            }
            for group in sorted(groups, key=Group.place)
        ],
        "totals": measure(runs, Span(start=parts[0].start, end=parts[-1].end)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Runs of the same dimensions that touch a part of the window."""

    part: Span
    key: tuple[Any, ...]
    runs: Sequence[Run]

    @property
    def figures(self) -> Object:
        """The figures of the runs."""
        return measure(self.runs, self.part)

    def place(self) -> tuple[Any, ...]:
        """Give what groups are sorted by: the longest first; null last."""
        values = [(value is None, value) for value in self.key]
        return self.part.start, -self.figures["lengthMs"], values


def group_by(
    plain: Plain, dimensions: Sequence[str], runs: Sequence[Run], part: Span
) -> Iterable[Group]:
    """Group the runs that touch a part of the window."""
    found: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        if run.touches(part):
            found.setdefault(key_of(plain, run.kept, dimensions), []).append(run)
    return [Group(part=part, key=key, runs=mine) for key, mine in found.items()]


def key_of(plain: Plain, kept: Kept, dimensions: Sequence[str]) -> tuple[Any, ...]:
    """Give a job's value of each dimension."""
    numbers: Mapping[str, Callable[[Kept], int | None]] = {
        "MODEL": plain.model_number,
        "USER": plain.user_number,
    }
    return tuple(
        numbers[name](kept) if name in numbers else value_of(kept, DIMENSIONS[name])
        for name in dimensions
    )


def to_dimensions(plain: Plain, kept: Kept, dimensions: Sequence[str]) -> Object:
    """Give the fields that say which group a job is of."""
    job = kept.record
    found = {
        field: value_of(kept, DIMENSIONS[name])
        for field, name in FIELDS.items()
        if name in dimensions
    }
    if "MODEL" in dimensions and job.model:
        found["model"] = plain.to_model(job.model)
    if "USER" in dimensions and job.user:
        found["user"] = plain.to_user(job.source, job.user)
    return found


def to_edges(part: Span) -> Object:
    """Give the edges of a part of the window."""
    return {"bucketStart": from_ms(part.start), "bucketEnd": from_ms(part.end)}
