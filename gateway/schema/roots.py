"""What a resolver of a root field is given."""

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
    """What all requests of a process share."""

    settings: Settings
    database: Database
    page_sizes: PageSizes


@dataclass(frozen=True, slots=True, kw_only=True)
class RootField:
    """A root field of an operation, prepared for all requests that select alike.

    Attributes:
        plan: What the field's own planner made of the selection; None: it has none.
        resolve: The resolver.
        names: Its parameters by the arguments' GraphQL names; empty where it reads the
            arguments from the document itself.
    """

    selection: FieldSelection
    definition: GraphQLField
    plan: Any
    resolve: Callable[..., Awaitable[Any]]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """The root fields of an operation, introspection apart, by response key.

    Attributes:
        are_planned: Whether the operation is a query that asks for nothing but root
            fields with a plan.
    """

    fields: Mapping[str, RootField]
    are_planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request's own values: graphql-core's context.

    Attributes:
        caller: None where introspection is public and nothing else is asked for.
        tenant: Whose rows may be read; without a caller, nobody's.
        now: The instant the request counts as having been made at.
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
