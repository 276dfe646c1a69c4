"""Groups in no order to groups in the order that is asked for, also empty ones."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gateway.query.fields import ENTITIES
from gateway.query.plan.filters import any_of
from gateway.query.plan.shapes import LookupShape
from gateway.query.run.reading import Reading
from gateway.query.sql.pages import select_by_identity
from gateway.query.usage.figures import Group, Key, Metrics
from gateway.query.usage.request import UsageOrder, UsageRequest

Rank = Callable[[Key], Any]
Names = Mapping[Any, tuple[Any, ...]]
# What people order things by that jobs have numbers of.
NAMES = {
    "model_id": (ENTITIES["Model"], ("identifier", "version")),
    "user_id": (ENTITIES["User"], ("identifier", "source")),
}


def fill(
    groups: Sequence[Group], edges: Sequence[int], keys: Collection[Key]
) -> Sequence[Group]:
    """Give each key a group in each part of the window, empty where it has none."""
    found = {(group.start_ms, group.key): group for group in groups}
    return [
        found.get((start, key)) or Group(key, start, end, Metrics())
        for start, end in pairwise(edges)
        for key in keys
    ]


async def put_in_order(
    reading: Reading, request: UsageRequest, groups: Sequence[Group]
) -> Sequence[Group]:
    """Put groups in order: by time first, then as is asked.

    Groups alike in length or count follow their keys.
    """
    if request.order.by != "KEY":
        return in_order(groups, request.order, rank_plainly)
    rank = await read_rank(reading, request, groups)
    return in_order(groups, request.order, rank)


def in_order(groups: Sequence[Group], order: UsageOrder, rank: Rank) -> Sequence[Group]:
    """Put groups in order."""
    is_by_key = order.by == "KEY"
    found = sorted(
        groups,
        key=lambda group: rank(group.key),
        reverse=is_by_key and order.is_descending,
    )
    if not is_by_key:
        found.sort(key=lambda group: to_figure(group, order))
    return sorted(found, key=lambda group: group.start_ms)


def to_figure(group: Group, order: UsageOrder) -> int:
    """Give the figure that a group is ordered by."""
    metrics = group.metrics
    figure = metrics.length_ms if order.by == "LENGTH" else metrics.job_count
    return -figure if order.is_descending else figure


def rank_plainly(key: Key) -> Any:  # noqa: ANN401 -- compared with its like
    """Rank values as they are; null is the last."""
    return [(value is None, value) for value in key]


async def read_rank(
    reading: Reading, request: UsageRequest, groups: Sequence[Group]
) -> Rank:
    """Give what ranks models and users by their identifiers, and the rest as it is."""
    names: list[Names] = []
    for at, dimension in enumerate(request.dimensions):
        numbers = {group.key[at] for group in groups} - {None}
        names.append(await read_names(reading, dimension, numbers))

    def rank(key: Key) -> Any:  # noqa: ANN401 -- see above
        return [
            (value is None, found.get(value, ()), value)
            for value, found in zip(key, names, strict=True)
        ]

    return rank


async def read_names(
    reading: Reading, dimension: str, numbers: Collection[Any]
) -> Names:
    """Read what models or users are called, by their numbers."""
    if dimension not in NAMES or not numbers:
        return {}
    entity, columns = NAMES[dimension]
    restriction = any_of(dimension, numbers)
    shape = LookupShape(
        entity=entity,
        columns=tuple((entity.table, name) for name in (dimension, *columns)),
        in_project=reading.tenant.project_id is not None,
        predicates=restriction.predicates,
    )
    values = {**reading.tenant.values, **restriction.values, "limit": len(numbers)}
    rows = await reading.fetch(values, select_by_identity, shape)
    return {
        number: tuple((part is not None, part or "") for part in name)
        for number, *name in rows
    }
