"""The order of usage groups, and the empty groups among them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gateway.query.fields import ENTITIES
from gateway.query.plan.filters import any_of
from gateway.query.plan.shapes import LookupShape
from gateway.query.run.reading import Reading
from gateway.query.sql.pages import select_by_identity
from gateway.query.usage.figures import Group, Key, Metrics
from gateway.query.usage.request import GroupOrder, UsageRequest

Rank = Callable[[Key], Any]
NamesByNumber = Mapping[Any, tuple[Any, ...]]
# Dimensions that are ordered by the names of the rows they refer to.
NAMED_DIMENSIONS = {
    "model_id": (ENTITIES["Model"], ("identifier", "version")),
    "user_id": (ENTITIES["User"], ("identifier", "source")),
}


def fill_empty_groups(
    groups: Sequence[Group], edges: Sequence[int], keys: Collection[Key]
) -> Sequence[Group]:
    """Add empty groups such that each key has one in each bucket."""
    found = {(group.start_ms, group.key): group for group in groups}
    return [
        found.get((start, key)) or Group(key, start, end, Metrics())
        for start, end in pairwise(edges)
        for key in keys
    ]


async def order_groups(
    reading: Reading, request: UsageRequest, groups: Sequence[Group]
) -> Sequence[Group]:
    """Order groups by bucket, then as is asked.

    Groups of the same length or count are ordered by key.
    """
    order = request.order
    rank: Rank = rank_by_value
    is_by_key = order.by == "KEY"
    if is_by_key:
        rank = await read_name_rank(reading, request, groups)
    found = sorted(
        groups,
        key=lambda group: rank(group.key),
        reverse=is_by_key and order.is_descending,
    )
    if not is_by_key:
        found.sort(key=lambda group: figure_of(group, order))
    return sorted(found, key=lambda group: group.start_ms)


def figure_of(group: Group, order: GroupOrder) -> int:
    """Give the figure that a group is ordered by, negative for descending order."""
    metrics = group.metrics
    figure = metrics.length_ms if order.by == "LENGTH" else metrics.job_count
    return -figure if order.is_descending else figure


def rank_by_value(key: Key) -> Any:  # noqa: ANN401 -- compared with its like
    """Rank a key by its values; null is last."""
    return [(value is None, value) for value in key]


async def read_name_rank(
    reading: Reading, request: UsageRequest, groups: Sequence[Group]
) -> Rank:
    """Read the names of models and users, and make a rank of keys by them."""
    names: list[NamesByNumber] = []
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
) -> NamesByNumber:
    """Read the names of models or users by their keys."""
    if dimension not in NAMED_DIMENSIONS or not numbers:
        return {}
    entity, columns = NAMED_DIMENSIONS[dimension]
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
