"""Usage to the response values of a summary."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.errors import ComplexityError
from gateway.query.document.selection import FieldSelection, ObjectSelection
from gateway.query.plan.filters import any_of
from gateway.query.plan.plan import ConnectionPlan, RowsPlan
from gateway.query.run.counts import ROOT
from gateway.query.run.levels import read_connections, read_objects
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Broken, Object, convert_or_break
from gateway.query.usage.buckets import from_ms
from gateway.query.usage.figures import Distribution, Group, Metrics
from gateway.query.usage.jobs import to_jobs_filter, to_run_window
from gateway.query.usage.plan import OBJECTS, TIMES, SummaryPlan
from gateway.query.usage.summary import Usage
from gateway.query.values import to_big_int, to_decimal, to_source, to_status

# Each opened group is a statement of its own.
MAX_OPENED_GROUPS = 100
# Fields of a group that are values of a dimension.
DIMENSIONS: Mapping[str, tuple[str, Callable[[Any], object]]] = {
    "category": ("category", str),
    "status": ("status", to_status),
    "source": ("source", to_source),
    "projectId": ("project_id", to_big_int),
    "submittedBy": ("submitted_by", str),
}


async def to_summary(reading: Reading, plan: SummaryPlan, usage: Usage) -> Object:
    """Make the value of a usage summary.

    Raises:
        ComplexityError: The jobs of too many groups are asked for.
    """
    value: Object = {}
    selection = plan.field.selection
    for found in selection.fields:
        if found.name == "summary":
            value[found.key] = await to_groups(reading, plan, usage, found)
        else:
            value[found.key] = to_member(found, usage, selection)
    return value


def to_member(field: FieldSelection, usage: Usage, parent: ObjectSelection) -> object:
    """Make the value of one key of a summary."""
    match field.name:
        case "startDate":
            return usage.request.window.start
        case "endDate":
            return usage.request.window.end
        case "asOf":
            return usage.request.as_of
        case "totals":
            selection = field.selection
            return {
                found.key: to_metric(found, usage.totals, selection)
                for found in selection.fields
            }
        case _:
            return parent.type_name


async def to_groups(
    reading: Reading, plan: SummaryPlan, usage: Usage, field: FieldSelection
) -> list[Object]:
    """Make the groups of a summary, a key at a time."""
    selection = field.selection
    values: list[Object] = [{} for _ in usage.groups]
    for found in selection.fields:
        place = (field.key, found.key)
        column: Iterable[object]
        if place in plan.objects:
            column = await to_objects(reading, plan.objects[place], usage, found.name)
        elif place in plan.connections:
            column = await to_jobs(reading, plan.connections[place], usage)
        else:
            column = to_column(found, usage, selection, reading.broken)
        for value, item in zip(values, column, strict=True):
            value[found.key] = item
    return values


async def to_objects(
    reading: Reading, rows: RowsPlan, usage: Usage, name: str
) -> Sequence[Object | None]:
    """Look up the models or users of groups, all in one statement."""
    _, column = OBJECTS[name]
    keys = keys_of(usage, column)
    wanted = {key for key in keys if key is not None}
    restriction = any_of(column, wanted)
    found = await read_objects(
        reading, rows, restriction, identity=(column,), limit=len(wanted)
    )
    return [found.get((key,)) for key in keys]


async def to_jobs(
    reading: Reading, plan: ConnectionPlan, usage: Usage
) -> Sequence[Object | Broken]:
    """Read the jobs behind each group."""
    if len(usage.groups) > MAX_OPENED_GROUPS:
        raise ComplexityError(
            f"jobs of {len(usage.groups)} groups are asked for; at most"
            f" {MAX_OPENED_GROUPS} groups can be opened at once"
        )
    found = [
        await read_connections(
            reading,
            plan,
            extra=to_jobs_filter(usage.request, group),
            window=to_run_window(usage.request, group),
        )
        for group in usage.groups
    ]
    return [by_parent[ROOT] for by_parent in found]


def to_column(
    field: FieldSelection,
    usage: Usage,
    parent: ObjectSelection,
    broken: list[Broken],
) -> Iterable[object]:
    """Make the values at one key of all groups."""
    if field.name in DIMENSIONS:
        column, convert = DIMENSIONS[field.name]
        keys = keys_of(usage, column)
        return [convert_or_break(convert, [key], broken) for key in keys]
    if field.name in {"bucketStart", "bucketEnd"}:
        return [to_edge(field.name, usage, group) for group in usage.groups]
    return [to_metric(field, group.metrics, parent) for group in usage.groups]


def keys_of(usage: Usage, column: str) -> Sequence[Any]:
    """Give each group's value of a dimension; null where it was not asked for."""
    dimensions = usage.request.dimensions
    if column not in dimensions:
        return [None] * len(usage.groups)
    at = dimensions.index(column)
    return [group.key[at] for group in usage.groups]


def to_edge(name: str, usage: Usage, group: Group) -> object:
    """Give an edge of a group's part of the window; null where it was not split."""
    if usage.request.bucket is None:
        return None
    return from_ms(group.start_ms if name == "bucketStart" else group.end_ms)


def to_metric(
    field: FieldSelection, metrics: Metrics, parent: ObjectSelection
) -> object:
    """Make the value of a figure."""
    match field.name:
        case "lengthMs":
            return to_big_int(metrics.length_ms)
        case "runningMs":
            return to_big_int(metrics.running_ms)
        case "jobCount":
            return to_big_int(metrics.job_count)
        case "cost":
            return to_costs(field.selection, metrics)
        case "queueTime" | "elapsedTime":
            return to_times(field.selection, metrics.times.get(TIMES[field.name]))
        case _:
            return parent.type_name


def to_costs(selection: ObjectSelection, metrics: Metrics) -> list[Object]:
    """Make the amounts of money, by currency."""
    return [
        {
            found.key: {
                "amount": to_decimal(nanos),
                "currency": currency,
                "__typename": selection.type_name,
            }[found.name]
            for found in selection.fields
        }
        for currency, nanos in sorted(metrics.costs.items())
    ]


def to_times(selection: ObjectSelection, times: Distribution | None) -> Object | None:
    """Make a distribution of times; null where no job has one."""
    if times is None:
        return None
    return {
        found.key: to_big_int(getattr(times, found.name))
        if found.definition
        else selection.type_name
        for found in selection.fields
    }
