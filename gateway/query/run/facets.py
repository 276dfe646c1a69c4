"""Facets: how many rows of a list have each status, source, category and model.

The counts of a facet apply every filter but the one on the facet's own column, so that
a front-end can show what another choice would give. All come from one scan.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.query.document.selection import FieldSelection
from gateway.query.plan.pages import PagePlan
from gateway.query.plan.plan import (
    FACET_COLUMNS,
    MODEL_COLUMN,
    ConnectionPlan,
    FacetsPlan,
    ResponsePath,
    RowsPlan,
)
from gateway.query.run.counts import whole_list_shape
from gateway.query.run.edges import group_by_parent
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Failure, Object, convert_or_fail
from gateway.query.sql.counts import select_facets
from gateway.query.values import Convert, to_big_int, to_job_source, to_job_status
from gateway.store.engine import Row

# The maximum number of values of a facet; the most frequent ones are given.
MAX_VALUES = 100
CONVERTS: Mapping[str, Convert] = {"status": to_job_status, "source": to_job_source}

# The values of each column with their counts, the most frequent first.
Tallies = Mapping[str, Sequence[tuple[Any, int]]]
LookUp = Callable[[Reading, RowsPlan, Sequence[int]], Awaitable[Mapping[int, Object]]]
# Models by the response path of their selection, then by `model_id`.
Models = Mapping[ResponsePath, Mapping[int, Object]]


async def read_facets(
    reading: Reading,
    plan: ConnectionPlan,
    page: PagePlan,
    parents: Sequence[Any],
    look_up: LookUp,
) -> Mapping[Any, Mapping[str, Object]]:
    """Count the facets that are asked for, by parent and response key.

    Args:
        reading: What to read with.
        plan: The connection.
        page: A page of the list that is counted.
        parents: The parents of the lists.
        look_up: Reads models by `model_id`.
    """
    facets = plan.facets
    rows = await read_facet_rows(reading, plan, page) if facets.columns else {}
    counts = {
        parent: tally_values(rows.get(parent, ()), facets.columns) for parent in parents
    }
    models = await read_facet_models(reading, facets, counts.values(), look_up)
    return {
        parent: {
            field.key: make_facets(field, counts[parent], models, reading.failures)
            for field in facets.fields
        }
        for parent in parents
    }


async def read_facet_rows(
    reading: Reading, plan: ConnectionPlan, page: PagePlan
) -> Mapping[Any, Sequence[Row]]:
    """Count rows grouped by all columns at once, by parent."""
    columns = plan.facets.columns
    own = tuple(p for p in page.filters if p.column in columns)
    shape = whole_list_shape(page.shape)
    rows = await reading.fetch(page.values, select_facets, shape, columns, own)
    return group_by_parent(rows, plan)


def tally_values(rows: Sequence[Row], columns: Sequence[str]) -> Tallies:
    """Add up, for each column, the rows that match the filters on all others."""
    width = len(columns)
    totals: Mapping[str, Counter[Any]] = {name: Counter() for name in columns}
    for row in rows:
        flags = row[width : 2 * width]
        refused = [at for at, holds in enumerate(flags) if not holds]
        if len(refused) > 1:
            continue
        for at in refused or range(width):
            totals[columns[at]][row[at]] += row[2 * width]
    return {name: by_frequency(found)[:MAX_VALUES] for name, found in totals.items()}


def by_frequency(found: Mapping[Any, int]) -> Sequence[tuple[Any, int]]:
    """Sort values by frequency, the highest first, then by value, null last."""
    return sorted(found.items(), key=lambda item: (-item[1], item[0] is None, item[0]))


async def read_facet_models(
    reading: Reading, facets: FacetsPlan, counts: Iterable[Tallies], look_up: LookUp
) -> Models:
    """Read the models among the values, once for each selection of them."""
    if not facets.models:
        return {}
    numbers = {
        number
        for found in counts
        for number, _ in found[MODEL_COLUMN]
        if number is not None
    }
    return {
        place: await look_up(reading, rows, sorted(numbers))
        for place, rows in facets.models.items()
    }


def make_facets(
    field: FieldSelection, counts: Tallies, models: Models, failures: list[Failure]
) -> Object:
    """Make the value of a `facets` field."""
    selection = field.selection
    return {
        found.key: [
            make_facet_value(field, found, value, count, models, failures)
            for value, count in counts[FACET_COLUMNS[found.name]]
        ]
        if found.name in FACET_COLUMNS
        else selection.type_name
        for found in selection.fields
    }


def make_facet_value(
    parent: FieldSelection,
    facet: FieldSelection,
    value: Any,  # noqa: ANN401 -- a column's
    count: int,
    models: Models,
    failures: list[Failure],
) -> Object:
    """Make a value of a facet with its count."""
    selection = facet.selection
    item: Object = {}
    for found in selection.fields:
        place = (parent.key, facet.key, found.key)
        if place in models:
            item[found.key] = models[place].get(value)
        elif found.name == "value":
            convert = CONVERTS.get(facet.name)
            item[found.key] = convert_or_fail(convert, [value], failures)
        elif found.name == "count":
            item[found.key] = to_big_int(count)
        else:
            item[found.key] = selection.type_name
    return item
