"""Executes prepared operations: planned root fields without graphql-core's executor.

Setting up the executor takes longer than a small answer. It still runs mutations, root
fields without a plan, introspection, and whatever has wrong variables.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import isawaitable
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationType,
    execute,
    get_argument_values,
)
from graphql.error import located_error
from graphql.execution.values import VariableValues, get_variable_values

from gateway.auth.caller import Caller
from gateway.errors import GatewayError
from gateway.query.document.documents import Operation
from gateway.query.document.selection import NO_VARIABLES, Collector, FieldSelection
from gateway.query.document.timing import Timings
from gateway.query.fields import rules_of
from gateway.query.tenant import NOBODY, Tenant
from gateway.schema.finished import Finished, FinishedExecutor
from gateway.schema.roots import Process, Request, Root, RootField, Roots


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An operation that may run.

    Attributes:
        variables: As the client sent them.
        caller: None if it is introspection, and that is public.
    """

    operation: Operation
    variables: Mapping[str, Any]
    caller: Caller | None


async def execute_prepared(
    schema: GraphQLSchema, process: Process, prepared: Prepared, timings: Timings
) -> ExecutionResult:
    """Execute an operation; by graphql-core unless all root fields have plans."""
    operation = prepared.operation
    variables = coerce_variables(schema, prepared)
    if variables is None:
        return await execute_by_graphql_core(schema, prepared, None)
    switches = tuple(variables.coerced.get(name) for name in operation.switches)
    roots: Roots = operation.memoize(
        switches, lambda: collect_roots(schema, operation, variables)
    )
    principal = prepared.caller.principal if prepared.caller else None
    request = Request(
        process=process,
        caller=prepared.caller,
        tenant=Tenant(account=principal.account, project_id=principal.project_id)
        if principal
        else NOBODY,
        now=datetime.now(UTC),
        timings=timings,
        variables=variables,
        roots=roots,
    )
    if roots.are_planned:
        return await resolve_planned(request)
    return await execute_by_graphql_core(schema, prepared, request)


async def execute_by_graphql_core(
    schema: GraphQLSchema, prepared: Prepared, request: Request | None
) -> ExecutionResult:
    """Execute an operation by graphql-core's executor.

    Args:
        schema: The schema.
        prepared: The operation.
        request: None if the variables are invalid, which the executor reports.
    """
    node = prepared.operation.node
    result = execute(
        schema,
        prepared.operation.document,
        context_value=request,
        variable_values=dict(prepared.variables),
        operation_name=node.name.value if node.name else None,
        executor_class=FinishedExecutor,
    )
    return await result if isawaitable(result) else result


def coerce_variables(
    schema: GraphQLSchema, prepared: Prepared
) -> VariableValues | None:
    """Coerce the variables; None if they are invalid."""
    definitions = prepared.operation.node.variable_definitions
    if not definitions:
        return NO_VARIABLES
    found = get_variable_values(schema, definitions, dict(prepared.variables))
    return found if isinstance(found, VariableValues) else None


def collect_roots(
    schema: GraphQLSchema, operation: Operation, variables: VariableValues
) -> Roots:
    """Collect the root fields; plan those that have a planner."""
    selected = Collector(
        schema=schema,
        fragments=operation.fragments,
        variable_values=variables,
        operation=operation.node,
    ).collect_root()
    fields = {
        field.key: prepare_root(field, field.definition)
        for field in selected.fields
        if field.definition is not None
    }
    is_query = operation.node.operation is OperationType.QUERY
    has_others = len(fields) < len(selected.fields)
    are_planned = all(field.plan is not None for field in fields.values())
    return Roots(fields=fields, are_planned=is_query and are_planned and not has_others)


def prepare_root(selection: FieldSelection, definition: GraphQLField) -> RootField:
    """Plan a root field, and find its resolver."""
    strawberry_field = definition.extensions["strawberry-definition"]
    rules = rules_of(definition)
    parameters = () if rules.read else strawberry_field.arguments
    named = (found.python_name for found in parameters)
    return RootField(
        selection=selection,
        definition=definition,
        plan=rules.plan and rules.plan(selection),
        resolve=rules.read or strawberry_field.base_resolver.wrapped_func,
        names=dict(zip(definition.args, named, strict=True)) if parameters else {},
    )


async def resolve_planned(request: Request) -> ExecutionResult:
    """Resolve planned root fields concurrently, to the result of the operation."""
    fields = request.roots.fields
    if len(fields) == 1:
        found = [await finish_field(field, request) for field in fields.values()]
    else:
        # Not a TaskGroup: on Python 3.11 it takes a time limit for a shutdown.
        pending = (finish_field(field, request) for field in fields.values())
        outcomes = await asyncio.gather(*pending, return_exceptions=True)
        found = [to_finished(outcome) for outcome in outcomes]
    errors = [error for value in found for error in value.errors]
    if any(value.is_nulled for value in found):
        return ExecutionResult(None, errors)
    data = {key: value.value for key, value in zip(fields, found, strict=True)}
    return ExecutionResult(data, errors or None)


async def finish_field(field: RootField, request: Request) -> Finished:
    """Resolve a planned root field; what refuses it becomes its error."""
    try:
        value: Finished = await call_resolver(field, request)
    except (GatewayError, GraphQLError) as exc:
        nodes = [detail.node for detail in field.selection.details]
        error = located_error(exc, nodes, [field.selection.key])
        is_nulled = isinstance(field.definition.type, GraphQLNonNull)
        return Finished(None, (error,), is_nulled=is_nulled)
    return value


def to_finished(outcome: Finished | BaseException) -> Finished:
    """Give a value, or raise what nobody expected."""
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


async def call_resolver(field: RootField, request: Request) -> Any:  # noqa: ANN401 -- a value of the field's type, or a finished one
    """Call a resolver with arguments coerced by graphql-core, not by Strawberry.

    Input objects stay dictionaries: to make Strawberry's objects of 500 reported jobs
    takes half a second, in which the event loop does nothing else.
    """
    root = Root(field, request)
    if not field.names:
        return await field.resolve(root)
    node = field.selection.details[0].node
    arguments = get_argument_values(field.definition, node, request.variables)
    named = {field.names[name]: value for name, value in arguments.items()}
    return await field.resolve(root, **named)


def resolve_root(
    _: object, info: GraphQLResolveInfo[Request], /, **__: object
) -> Awaitable[Any]:
    """Resolve a root field for graphql-core's executor, instead of Strawberry."""
    return call_resolver(info.context.roots.fields[str(info.path.key)], info.context)
