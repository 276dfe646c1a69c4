"""What a REST route is: how it is asked for, answered and described."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from gateway.auth.principal import Principal
from gateway.dialects.residue import JsonObject
from gateway.errors import GatewayError
from gateway.query.document.timing import Timings
from gateway.query.run.reading import Reading
from gateway.query.tenant import Tenant
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.web.reply import RawHeaders, Reply, to_json
from gateway.web.rest.parameters import Parameter, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of somebody who may make it.

    Attributes:
        path: The values of the parameters in the path.
        url: What was asked for, without its query.
        now: The instant the request counts as having been made at.
    """

    principal: Principal
    settings: Settings
    database: Database
    timings: Timings
    path: Mapping[str, str]
    query: Query
    url: str
    now: datetime

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """Give what to read with: a connection of the request's own.

        Raises:
            DatabaseUnavailableError: The database is not there.
        """
        async with self.database.reading() as reader:
            yield Reading(
                database=self.database,
                reader=reader,
                tenant=Tenant.of(self.principal),
                timings=self.timings,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PathParameter:
    """A parameter that is a part of the path."""

    name: str
    description: str
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRoute:
    """One route.

    Attributes:
        path: With its parameters in braces, as Starlette and OpenAPI both write it.
        name: Of the operation.
        scope: What a credential needs.
        answer: Answers a request, or raises a GatewayError.
        body: The schema of what it answers with; None where that is plain text.
        headers: Those that an answer may have, with their descriptions.
    """

    path: str
    name: str
    summary: str
    answer: Callable[[Call], Awaitable[Reply]]
    body: JsonObject | None
    scope: str = "jobs:read"
    places: tuple[PathParameter, ...] = ()
    parameters: tuple[Parameter[Any], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The routes of one system, and its manner.

    Attributes:
        prefix: What the paths of its routes begin with, and all that may be asked.
        refuse: Writes an error.
        error: The schema of an error.
        schemas: What the routes' schemas refer to, by name.
    """

    name: str
    prefix: str
    routes: tuple[RestRoute, ...]
    refuse: Callable[[GatewayError], Reply]
    error: JsonObject
    schemas: Mapping[str, JsonObject]


def to_answer(body: Any, headers: RawHeaders = ()) -> Reply:  # noqa: ANN401 -- whatever JSON can say
    """Encode what was asked for."""
    return Reply(status=HTTPStatus.OK, body=to_json(body), headers=headers)
