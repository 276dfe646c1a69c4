"""Root fields to finished values: what every resolver that reads tables calls."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from graphql import GraphQLError
from graphql.execution.collect_fields import FieldDetails

from gateway.query.document.selection import FieldSelection, select, to_source
from gateway.query.fields import ENTITIES, ToMany
from gateway.query.plan.filters import Filter
from gateway.query.plan.plan import ConnectionPlan, RowsPlan, plan_connection, plan_rows
from gateway.query.run.levels import read_connection, read_objects
from gateway.query.run.nulls import NullError, settle
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Object
from gateway.schema.context import Info, raw_info_of
from gateway.schema.finished import Finished
from gateway.store.engine import Row


@asynccontextmanager
async def open_reading(info: Info) -> AsyncIterator[Reading]:
    """Give a root field what it reads with: a connection of its own.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    context = info.context
    async with context.database.reading() as reader:
        yield Reading(
            database=context.database,
            reader=reader,
            tenant=context.tenant,
            page_sizes=context.page_sizes,
            variable_values=raw_info_of(info).variable_values,
            timings=context.timings,
        )


async def read_list(info: Info) -> Any:  # noqa: ANN401 -- a finished connection
    """Read the connection that is being resolved.

    Raises:
        InputError: An argument cannot be answered.
        DatabaseUnavailableError: The database is not there.
    """
    plan = info.context.plan(raw_info_of(info), lambda: plan_list(info))
    async with open_reading(info) as reading:
        value = await read_connection(reading, plan)
    return finish(value, reading, plan.field)


def plan_list(info: Info) -> ConnectionPlan:
    """Plan the connection that is being resolved."""
    field = root_field(info)
    if not isinstance(field.source, ToMany):
        raise TypeError(f"{field.name} has no list for its source")
    return plan_connection(field, field.source)


async def look_up(
    info: Info, type_name: str, restriction: Filter, limit: int
) -> tuple[Mapping[Row, Object], Callable[..., Any]]:
    """Look up rows of a type by what identifies them.

    Args:
        info: Of a field whose type is `type_name`, or an interface of it.
        type_name: The GraphQL type, which is the name of an entity, too.
        restriction: What identifies the rows.
        limit: How many to read at the most.

    Returns:
        The objects, by what identifies them; and what finishes the field's value,
        made of them, or the item at a place of it: see `finish`.
    """
    raw = raw_info_of(info)

    def plan() -> tuple[FieldSelection, RowsPlan]:
        field = root_field(info, type_name)
        selections = [field.selection] if field.selection else []
        return field, plan_rows(ENTITIES[type_name], selections)

    field, rows = info.context.plan(raw, plan, type_name)
    async with open_reading(info) as reading:
        found = await read_objects(
            reading,
            rows,
            restriction,
            identity=rows.entity.identity,
            limit=limit,
        )
    return found, lambda value, at=None: finish(value, reading, field, at)


def root_field(info: Info, type_name: str | None = None) -> FieldSelection:
    """Give the field that is being resolved, with all that is asked below it."""
    raw = raw_info_of(info)
    definition = raw.parent_type.fields[raw.field_name]
    return FieldSelection(
        key=str(raw.path.key),
        name=raw.field_name,
        details=[FieldDetails(node, None) for node in raw.field_nodes],
        definition=definition,
        source=to_source(definition),
        selection=select(raw, type_name),
    )


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
    if not reading.broken:
        return Finished(value)
    errors: list[GraphQLError] = []
    path: list[str | int] = [field.key] if at is None else [field.key, at]
    try:
        settled = settle(value, field, path, errors)
    except NullError:
        return Finished(None, tuple(errors), is_nulled=True)
    return Finished(settled, tuple(errors))
