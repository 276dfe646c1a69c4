"""Reads the values of planned root fields, for the resolvers."""

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
from gateway.query.run.edges import ROOT
from gateway.query.run.levels import read_connections, read_objects
from gateway.query.run.nulls import NullError, complete_field
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Object
from gateway.schema.finished import Finished
from gateway.schema.roots import Root
from gateway.store.engine import Row

# For each type that a field may have: the field with its selection, and the plan.
LookUpPlan = Mapping[str, tuple[FieldSelection, RowsPlan]]


@asynccontextmanager
async def open_reading(root: Root) -> AsyncIterator[Reading]:
    """Open a connection for a root field to read with.

    Raises:
        DatabaseUnavailableError: The database is not available.
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
    """Resolve a root field that is a connection.

    Raises:
        InputError: An argument is invalid.
        DatabaseUnavailableError: The database is not available.
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
    """Plan a root field that looks up rows, for each type that it may have."""
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
        type_name: The GraphQL type, which is also the name of an entity.
        restriction: The predicate that identifies the rows.
        limit: The maximum number of rows.

    Returns:
        The objects, by the columns that identify them; and a function that finishes the
        field's value, or an item of it: see `finish`.
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
) -> Any:  # noqa: ANN401 -- in place of a value of the field's type
    """Finish a root field's value: collect its errors, and propagate their nulls.

    Args:
        value: The field's value, or an item of it.
        reading: What the value was read with.
        field: The root field.
        at: The item's index in the list; None: the value is the field's.
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
