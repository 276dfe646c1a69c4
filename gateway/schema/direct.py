"""Operations of finished root fields, run without graphql-core's executor.

Setting the executor up costs more than a small answer does. What is unusual is left to
it: other root fields, and everything that goes wrong, which it runs again and reports.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationType,
    get_argument_values,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    collect_fields,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import Path

from gateway.errors import GatewayError
from gateway.query.document.documents import Operation
from gateway.query.document.selection import NO_VARIABLES
from gateway.query.fields import FINISHED, SOURCE, ToMany
from gateway.schema.context import Context, Info
from gateway.schema.finished import Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A root field of an operation.

    Attributes:
        names: The resolver's parameters by the arguments' GraphQL names; empty where
            the resolver reads the arguments from the document itself.
    """

    key: str
    definition: GraphQLField
    details: FieldDetailsList
    strawberry_field: Any
    names: Mapping[str, str]


async def execute_directly(
    schema: GraphQLSchema,
    operation: Operation,
    context: Context,
    variables: Mapping[str, Any],
) -> dict[str, Any] | None:
    """Give the data of an operation; None where graphql-core has to execute it."""
    if operation.node.operation is not OperationType.QUERY:
        return None
    values = coerce(schema, operation, variables)
    if values is None:
        return None
    switches = tuple(values.coerced.get(name) for name in operation.switches)
    roots = operation.plan(
        ("roots", switches), lambda: collect_roots(schema, operation, values)
    )
    if roots is None:
        return None
    try:
        found = await resolve_all(schema, operation, context, values, roots)
    except (GatewayError, GraphQLError, ExceptionGroup):
        return None
    if any(value.errors for value in found):
        return None
    return {root.key: value.value for root, value in zip(roots, found, strict=True)}


def coerce(
    schema: GraphQLSchema, operation: Operation, variables: Mapping[str, Any]
) -> VariableValues | None:
    """Coerce the variables; None where they are wrong."""
    definitions = operation.node.variable_definitions
    if not definitions:
        return NO_VARIABLES
    found = get_variable_values(schema, definitions, dict(variables))
    return found if isinstance(found, VariableValues) else None


def collect_roots(
    schema: GraphQLSchema, operation: Operation, values: VariableValues
) -> Sequence[Root] | None:
    """Collect the root fields; None where one of them is not a finished value."""
    query = schema.query_type
    if query is None:
        return None
    fragments = {
        name: FragmentDetails(found) for name, found in operation.fragments.items()
    }
    grouped = collect_fields(
        schema, fragments, values, query, operation.node
    ).grouped_field_set
    roots = []
    for key, details in grouped.items():
        definition = query.fields.get(details[0].node.name.value)
        field = definition and definition.extensions["strawberry-definition"]
        if definition is None or not field.metadata.get(FINISHED):
            return None
        roots.append(to_root(key, definition, details, field))
    return roots


def to_root(
    key: str,
    definition: GraphQLField,
    details: FieldDetailsList,
    field: Any,  # noqa: ANN401 -- Strawberry's
) -> Root:
    """Prepare a root field."""
    reads_itself = isinstance(field.metadata.get(SOURCE), ToMany)
    parameters = () if reads_itself else field.arguments
    named = (found.python_name for found in parameters)
    names = dict(zip(definition.args, named, strict=True)) if parameters else {}
    return Root(
        key=key,
        definition=definition,
        details=details,
        strawberry_field=field,
        names=names,
    )


def resolve_directly(schema: GraphQLSchema) -> None:
    """Have graphql-core call the resolvers of mutations past Strawberry, too.

    Making Strawberry's objects of 500 reported jobs would hold up all other requests
    for half a second, and nothing reads them.
    """
    mutation = schema.mutation_type
    for definition in mutation.fields.values() if mutation else ():
        field = definition.extensions["strawberry-definition"]
        definition.resolve = to_direct_resolver(field)


def to_direct_resolver(field: Any) -> Callable[..., Awaitable[Finished]]:  # noqa: ANN401 -- Strawberry's
    """Make what graphql-core calls of a resolver that reads its arguments itself."""
    resolver: Callable[..., Awaitable[Finished]] = field.base_resolver.wrapped_func

    def call(
        _: object, info: GraphQLResolveInfo[Any], /, **arguments: object
    ) -> Awaitable[Finished]:
        return resolver(info=Info(_raw_info=info, _field=field), **arguments)

    return call


async def resolve_all(
    schema: GraphQLSchema,
    operation: Operation,
    context: Context,
    values: VariableValues,
    roots: Sequence[Root],
) -> Sequence[Finished]:
    """Resolve root fields, all at once."""
    pending = [
        resolve(root, to_info(schema, operation, context, values, root), values)
        for root in roots
    ]
    if len(pending) == 1:
        return [await pending[0]]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(found) for found in pending]
    return [task.result() for task in tasks]


def to_info(
    schema: GraphQLSchema,
    operation: Operation,
    context: Context,
    values: VariableValues,
    root: Root,
) -> GraphQLResolveInfo[Any]:
    """Make what a resolver is told, as graphql-core would."""
    query = schema.query_type
    if query is None:
        raise TypeError("the schema has no query type")
    return GraphQLResolveInfo(
        field_name=root.details[0].node.name.value,
        field_nodes=[detail.node for detail in root.details],
        return_type=root.definition.type,
        parent_type=query,
        path=Path(None, root.key, query.name),
        schema=schema,
        fragments=operation.fragments,
        root_value=None,
        operation=operation.node,
        variable_values=values,
        context=context,
        is_awaitable=isawaitable,  # type: ignore[arg-type]  # it narrows, too
        abort_signal=None,
        async_helpers=None,  # type: ignore[arg-type]  # no resolver here asks for them
    )


async def resolve(
    root: Root, info: GraphQLResolveInfo[Any], values: VariableValues
) -> Finished:
    """Call the resolver of a root field, past Strawberry's conversion of arguments.

    graphql-core has coerced them, enums to their members among them; input objects
    stay dictionaries, and no resolver looks into one.
    """
    arguments: Mapping[str, Any] = {}
    if root.names:
        node = root.details[0].node
        arguments = get_argument_values(root.definition, node, values)
    field = root.strawberry_field
    resolver: Callable[..., Awaitable[Finished]] = field.base_resolver.wrapped_func
    named = {root.names[name]: value for name, value in arguments.items()}
    return await resolver(info=Info(_raw_info=info, _field=field), **named)
