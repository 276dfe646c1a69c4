"""Usage to the response values of a summary."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.errors import ComplexityError
from gateway.query.document.selection import FieldSelection, ObjectSelection
from gateway.query.plan.filters import any_of
from gateway.query.plan.plan import ConnectionPlan, RowsPlan
from gateway.query.run.edges import ROOT
from gateway.query.run.levels import read_connections, read_objects
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Failure, Object, convert_or_fail
from gateway.query.usage.buckets import from_epoch_ms
from gateway.query.usage.figures import Distribution, Group, Metrics
from gateway.query.usage.group_jobs import filter_group_jobs, run_window_of
from gateway.query.usage.plan import OBJECTS, TIMES, SummaryPlan
from gateway.query.usage.summary import Usage
from gateway.query.values import to_big_int, to_decimal, to_job_source, to_job_status

# The jobs of each group are a statement of their own.
MAX_OPENED_GROUPS = 100
# Fields of a group that are values of dimensions, with their columns and converters.
DIMENSIONS: Mapping[str, tuple[str, Callable[[Any], object]]] = {
    "category": ("category", str),
    "status": ("status", to_job_status),
    "source": ("source", to_job_source),
    "projectId": ("project_id", to_big_int),
    "submittedBy": ("submitted_by", str),
}


async def make_summary(reading: Reading, plan: SummaryPlan, usage: Usage) -> Object:
    """Make the value of a usage summary.

    Raises:
        ComplexityError: The jobs of too many groups are asked for.
    """
    value: Object = {}
    selection = plan.field.selection
    for found in selection.fields:
        if found.name == "summary":
            value[found.key] = await make_groups(reading, plan, usage, found)
        else:
            value[found.key] = make_member(found, usage, selection)
    return value


def make_member(field: FieldSelection, usage: Usage, parent: ObjectSelection) -> object:
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
                found.key: make_metric(found, usage.totals, selection)
                for found in selection.fields
            }
        case _:
            return parent.type_name


async def make_groups(
    reading: Reading, plan: SummaryPlan, usage: Usage, field: FieldSelection
) -> list[Object]:
    """Make the groups of a summary, key by key."""
    selection = field.selection
    values: list[Object] = [{} for _ in usage.groups]
    for found in selection.fields:
        place = (field.key, found.key)
        column: Iterable[object]
        if place in plan.objects:
            column = await read_entities(
                reading, plan.objects[place], usage, found.name
            )
        elif place in plan.connections:
            column = await read_group_jobs(reading, plan.connections[place], usage)
        else:
            column = make_group_values(found, usage, selection, reading.failures)
        for value, item in zip(values, column, strict=True):
            value[found.key] = item
    return values


async def read_entities(
    reading: Reading, rows: RowsPlan, usage: Usage, name: str
) -> Sequence[Object | None]:
    """Look up the models or users of all groups in one statement."""
    _, column = OBJECTS[name]
    keys = dimension_values(usage, column)
    wanted = {key for key in keys if key is not None}
    restriction = any_of(column, wanted)
    found = await read_objects(
        reading, rows, restriction, identity=(column,), limit=len(wanted)
    )
    return [found.get((key,)) for key in keys]


async def read_group_jobs(
    reading: Reading, plan: ConnectionPlan, usage: Usage
) -> Sequence[Object | Failure]:
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
            extra=filter_group_jobs(usage.request, group),
            window=run_window_of(usage.request, group),
        )
        for group in usage.groups
    ]
    return [by_parent[ROOT] for by_parent in found]


def make_group_values(
    field: FieldSelection,
    usage: Usage,
    parent: ObjectSelection,
    failures: list[Failure],
) -> Iterable[object]:
    """Make the values of one key of all groups."""
    if field.name in DIMENSIONS:
        column, convert = DIMENSIONS[field.name]
        keys = dimension_values(usage, column)
        return [convert_or_fail(convert, [key], failures) for key in keys]
    if field.name in {"bucketStart", "bucketEnd"}:
        return [edge_of(field.name, usage, group) for group in usage.groups]
    return [make_metric(field, group.metrics, parent) for group in usage.groups]


def dimension_values(usage: Usage, column: str) -> Sequence[Any]:
    """List each group's value of a dimension; null where it is not grouped by."""
    dimensions = usage.request.dimensions
    if column not in dimensions:
        return [None] * len(usage.groups)
    at = dimensions.index(column)
    return [group.key[at] for group in usage.groups]


def edge_of(name: str, usage: Usage, group: Group) -> object:
    """Make an edge of a group's bucket; null where no bucket was asked for."""
    if usage.request.bucket is None:
        return None
    return from_epoch_ms(group.start_ms if name == "bucketStart" else group.end_ms)


def make_metric(
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
            return make_costs(field.selection, metrics)
        case "queueTime" | "elapsedTime":
            return make_times(field.selection, metrics.times.get(TIMES[field.name]))
        case _:
            return parent.type_name


def make_costs(selection: ObjectSelection, metrics: Metrics) -> list[Object]:
    """Make the amounts of money, ordered by currency."""
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


def make_times(selection: ObjectSelection, times: Distribution | None) -> Object | None:
    """Make a distribution of times; null where no job has one."""
    if times is None:
        return None
    return {
        found.key: to_big_int(getattr(times, found.name))
        if found.definition
        else selection.type_name
        for found in selection.fields
    }
