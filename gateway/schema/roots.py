"""What the resolver of a root field gets: field, request, process."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import GraphQLField
from graphql.execution.values import VariableValues

from gateway.auth.caller import Caller
from gateway.query.document.selection import FieldSelection
from gateway.query.document.timing import Timings
from gateway.query.plan.pages import PageSizes
from gateway.query.tenant import Tenant
from gateway.settings import Settings
from gateway.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What all requests of a process share, for resolvers."""

    settings: Settings
    database: Database
    page_sizes: PageSizes


@dataclass(frozen=True, slots=True, kw_only=True)
class RootField:
    """A root field of an operation, shared by requests with the same selection.

    Attributes:
        plan: Made by the planner in the field's rules; None if there is none.
        resolve: The resolver.
        names: Python names of the resolver's parameters, by GraphQL name; empty if it
            reads the arguments from the document.
    """

    selection: FieldSelection
    definition: GraphQLField
    plan: Any
    resolve: Callable[..., Awaitable[Any]]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """The root fields of an operation by response key, except introspection.

    Attributes:
        are_planned: Whether the operation is a query of root fields with plans alone.
    """

    fields: Mapping[str, RootField]
    are_planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, for resolvers: graphql-core's context value.

    Attributes:
        caller: None for public introspection.
        tenant: Whose rows may be read; nobody's without a caller.
        now: The instant of the request.
        variables: Coerced.
    """

    process: Process
    caller: Caller | None
    tenant: Tenant
    now: datetime
    timings: Timings
    variables: VariableValues
    roots: Roots


@dataclass(frozen=True, slots=True)
class Root:
    """A root field that is being resolved."""

    field: RootField
    request: Request
