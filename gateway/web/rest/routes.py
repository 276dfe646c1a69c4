"""Types for REST routes: requests, routes and dialects."""

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
from gateway.web.rest.parameters import Parameter, Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One admitted request.

    Attributes:
        path: The parameters in the path.
        url: The requested URL, without its query string.
        now: The instant of the request.
    """

    principal: Principal
    settings: Settings
    database: Database
    timings: Timings
    path: Mapping[str, str]
    query: Parameters
    url: str
    now: datetime

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """Open a connection to read with.

        Raises:
            DatabaseUnavailableError: The database is not available.
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
    """A parameter in the path."""

    name: str
    description: str
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRoute:
    """One route.

    Attributes:
        path: With parameters in braces, as Starlette and OpenAPI both write them.
        name: The operation's name in OpenAPI.
        scope: The scope that a credential needs.
        answer: Answers a request, or raises a GatewayError.
        places: The parameters in the path.
        parameters: The parameters of the query string.
        body: The schema of the response body; None if it is plain text.
        headers: The response headers, with their descriptions.
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
    """The REST API of one source system.

    Attributes:
        prefix: What all paths of the API begin with; errors below it are its own, too.
        encode_error: Makes the reply for an error.
        error: The schema of an error.
        schemas: The schemas that those of routes refer to, by name.
    """

    name: str
    prefix: str
    routes: tuple[RestRoute, ...]
    encode_error: Callable[[GatewayError], Reply]
    error: JsonObject
    schemas: Mapping[str, JsonObject]


def to_json_reply(body: Any, headers: RawHeaders = ()) -> Reply:  # noqa: ANN401 -- any JSON
    """Make a successful reply with a JSON body."""
    return Reply(status=HTTPStatus.OK, body=to_json(body), headers=headers)
