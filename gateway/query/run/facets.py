"""Facets: how many rows of a list have each status, source, category and model.

The counts of a facet keep to every filter but the one on itself, so that a front-end
can show what another choice would give. All come from one scan.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.query.document.selection import FieldSelection
from gateway.query.plan.pages import Page
from gateway.query.plan.plan import (
    FACET_COLUMNS,
    MODEL_COLUMN,
    ConnectionPlan,
    FacetsPlan,
    Place,
    RowsPlan,
)
from gateway.query.run.counts import ROOT, to_list_shape
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Broken, Object, convert_or_break
from gateway.query.sql.counts import select_facets
from gateway.query.values import Convert, to_big_int, to_source, to_status
from gateway.store.engine import Row

# Of a facet, the values that most rows have.
MAX_VALUES = 100
CONVERTS: Mapping[str, Convert] = {"status": to_status, "source": to_source}

# The values of each column with their counts, the most frequent first.
Counts = Mapping[str, Sequence[tuple[Any, int]]]
LookUp = Callable[[Reading, RowsPlan, Sequence[int]], Awaitable[Mapping[int, Object]]]
# Models as they are asked for: by place in the plan, then by number.
Models = Mapping[Place, Mapping[int, Object]]


async def read_facets(
    reading: Reading,
    plan: ConnectionPlan,
    page: Page,
    parents: Sequence[Any],
    look_up: LookUp,
) -> Mapping[Any, Mapping[str, Object]]:
    """Count the facets that are asked for, by parent and response key.

    Args:
        reading: What to read with.
        plan: The connection.
        page: Of the list that is counted.
        parents: Whose lists.
        look_up: Reads models by their numbers.
    """
    facets = plan.facets
    rows = await read_rows(reading, plan, page, facets)
    counts = {parent: to_counts(rows[parent], facets.columns) for parent in parents}
    models = await read_models(reading, facets, counts.values(), look_up)
    return {
        parent: {
            field.key: to_facets_value(field, counts[parent], models, reading.broken)
            for field in facets.fields
        }
        for parent in parents
    }


async def read_rows(
    reading: Reading, plan: ConnectionPlan, page: Page, facets: FacetsPlan
) -> Mapping[Any, Sequence[Row]]:
    """Count by all columns at once, by parent."""
    found: dict[Any, list[Row]] = defaultdict(list)
    if not facets.columns:
        return found
    own = tuple(p for p in page.filters if p.column in facets.columns)
    shape = to_list_shape(page.shape)
    for row in await reading.fetch(
        page.values, select_facets, shape, facets.columns, own
    ):
        found[ROOT if plan.parent_key is None else row[-1]].append(row)
    return found


def to_counts(rows: Sequence[Row], columns: Sequence[str]) -> Counts:
    """Add up, for each column, the rows that pass the filters on all others."""
    width = len(columns)
    totals: Mapping[str, Counter[Any]] = {name: Counter() for name in columns}
    for row in rows:
        flags = row[width : 2 * width]
        refused = [at for at, holds in enumerate(flags) if not holds]
        if len(refused) > 1:
            continue
        for at in refused or range(width):
            totals[columns[at]][row[at]] += row[2 * width]
    return {name: in_order(found)[:MAX_VALUES] for name, found in totals.items()}


def in_order(found: Mapping[Any, int]) -> Sequence[tuple[Any, int]]:
    """Put values in order: the most frequent first, then by the value, null last."""
    return sorted(found.items(), key=lambda item: (-item[1], item[0] is None, item[0]))


async def read_models(
    reading: Reading,
    facets: FacetsPlan,
    counts: Iterable[Counts],
    look_up: LookUp,
) -> Models:
    """Read the models among the values, once for each place that asks for them."""
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


def to_facets_value(
    field: FieldSelection, counts: Counts, models: Models, broken: list[Broken]
) -> Object:
    """Make the value of a `facets` field."""
    selection = field.selection
    return {
        found.key: [
            to_item(field, found, value, count, models, broken)
            for value, count in counts[FACET_COLUMNS[found.name]]
        ]
        if found.name in FACET_COLUMNS
        else selection.type_name
        for found in selection.fields
    }


def to_item(
    parent: FieldSelection,
    facet: FieldSelection,
    value: Any,  # noqa: ANN401 -- a column's
    count: int,
    models: Models,
    broken: list[Broken],
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
            item[found.key] = convert_or_break(convert, [value], broken)
        elif found.name == "count":
            item[found.key] = to_big_int(count)
        else:
            item[found.key] = selection.type_name
    return item
