"""Planned root fields to finished values, for every resolver that reads tables."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from graphql import GraphQLError

from gateway.query.document.selection import NOTHING, FieldSelection
from gateway.query.fields import ENTITIES, ToMany
from gateway.query.plan.filters import Filter
from gateway.query.plan.plan import (
    ConnectionPlan,
    RowsPlan,
    plan_connection,
    plan_rows,
)
from gateway.query.run.levels import read_connections, read_objects
from gateway.query.run.nulls import NullError, complete_field
from gateway.query.run.parents import ROOT
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Object
from gateway.schema.finished import Finished
from gateway.schema.roots import Root
from gateway.store.engine import Row

# For each type that a field may give: the field as one of that type, and its rows.
LookUpPlan = Mapping[str, tuple[FieldSelection, RowsPlan]]


@asynccontextmanager
async def open_reading(root: Root) -> AsyncIterator[Reading]:
    """Give a root field what it reads with: a connection of its own.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    request = root.request
    process = request.process
    async with process.database.reading() as reader:
        yield Reading(
            database=process.database,
            reader=reader,
            tenant=request.tenant,
            page_sizes=process.page_sizes,
            variable_values=request.variables,
            timings=request.timings,
        )


async def read_list(root: Root) -> Any:  # noqa: ANN401 -- a finished connection
    """Read the connection that is being resolved.

    Raises:
        InputError: An argument cannot be answered.
        DatabaseUnavailableError: The database is not there.
    """
    async with open_reading(root) as reading:
        found = await read_connections(reading, root.field.plan)
    return finish(found[ROOT], reading, root.field.selection)


def plan_list(field: FieldSelection) -> ConnectionPlan:
    """Plan a root field that is a connection."""
    if not isinstance(field.source, ToMany):
        raise TypeError(f"{field.name} has no list for its source")
    return plan_connection(field, field.source)


def plan_look_up(field: FieldSelection) -> LookUpPlan:
    """Plan a root field that looks rows up, for each type that it may give."""
    selections = dict(field.by_type)
    if field.selection is not NOTHING:
        selections[field.selection.type_name] = field.selection
    return {
        name: (replace(field, selection=found), plan_rows(ENTITIES[name], [found]))
        for name, found in selections.items()
    }


async def look_up(
    root: Root, type_name: str, restriction: Filter, limit: int
) -> tuple[Mapping[Row, Object], Callable[..., Any]]:
    """Look up rows of a type by what identifies them.

    Args:
        root: A field planned by `plan_look_up`.
        type_name: The GraphQL type, which is the name of an entity, too.
        restriction: What identifies the rows.
        limit: How many to read at the most.

    Returns:
        The objects, by what identifies them; and what finishes the field's value,
        made of them, or the item at a place of it: see `finish`.
    """
    plan: LookUpPlan = root.field.plan
    field, rows = plan[type_name]
    async with open_reading(root) as reading:
        found = await read_objects(
            reading,
            rows,
            restriction,
            identity=rows.entity.identity,
            limit=limit,
        )
    return found, lambda value, at=None: finish(value, reading, field, at)


def finish(
    value: object, reading: Reading, field: FieldSelection, at: int | None = None
) -> Any:  # noqa: ANN401 -- stands for a value of the field's type
    """Finish a root field; where values broke, with their errors and nulls.

    Args:
        value: The field's, or an item of it.
        reading: What the value was read with.
        field: The root field.
        at: Where the item stands in the list that is the field's value.
    """
    if not reading.failures:
        return Finished(value)
    errors: list[GraphQLError] = []
    path: list[str | int] = [field.key] if at is None else [field.key, at]
    try:
        settled = complete_field(value, field, path, errors)
    except NullError:
        return Finished(None, tuple(errors), is_nulled=True)
    return Finished(settled, tuple(errors))
