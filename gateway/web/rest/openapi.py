"""The OpenAPI document of the REST routes.

https://spec.openapis.org/oas/v3.1.0
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.dialects.residue import JsonObject
from gateway.errors import (
    DeadlineError,
    ForbiddenError,
    GatewayError,
    InputError,
    NotFoundError,
    OverloadedError,
    RateLimitedError,
    UnauthenticatedError,
    UnexpectedError,
)
from gateway.settings import Settings
from gateway.web.reply import MediaType, to_json
from gateway.web.rest.dialects import DIALECTS
from gateway.web.rest.parameters import Parameter
from gateway.web.rest.routes import Dialect, PathParameter, RestRoute

JSON = MediaType.JSON.value.decode("ascii")
TEXT = MediaType.TEXT.value.decode("ascii")
SECURITY: Mapping[str, JsonObject] = {
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
        "description": "An API key, as Edge Impulse's clients send it.",
    },
    "authorization": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`ApiKey KEY`, as Modzy's clients send it, or `Token KEY`, as"
        " sharedcloud's does.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "jwt": {
        "type": "apiKey",
        "in": "header",
        "name": "x-jwt-token",
        "description": "A JWT, as Edge Impulse's clients send it.",
    },
}
# The errors that any route may answer with, described.
FAILURES: Sequence[tuple[GatewayError, str]] = (
    (InputError(""), "A parameter is not right."),
    (UnauthenticatedError(""), "There is no credential, or it does not hold."),
    (ForbiddenError(""), "The credential lacks the scope."),
    (NotFoundError(""), "There is no such thing that the caller may see."),
    (
        RateLimitedError("", retry_after_ms=0),
        "It is one request too many; `Retry-After` tells when to go on.",
    ),
    (UnexpectedError(""), "Something nobody expected."),
    (
        OverloadedError(""),
        "It cannot be answered now; `Retry-After` tells when to try again.",
    ),
    (DeadlineError(""), "It took longer than it may."),
)


def openapi_route(settings: Settings) -> Route:
    """Give the route of the document, which needs no credential."""
    document = to_json(describe_api(settings.public_url))

    async def openapi(_: Request) -> Response:
        return Response(document, media_type=JSON)

    return Route("/openapi.json", openapi)


def describe_api(public_url: str | None) -> dict[str, Any]:
    """Describe the routes of all dialects.

    Args:
        public_url: The gateway's; None: the host that the document was fetched from.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Job Gateway",
            "version": version("job-gateway"),
            "description": "The routes that clients of Edge Impulse, Modzy and"
            " sharedcloud know, over the jobs of each. All of them, together, are in"
            " GraphQL at `/graphql`.",
        },
        "servers": [{"url": public_url or "/"}],
        "tags": [{"name": dialect.name} for dialect in DIALECTS],
        "paths": {
            route.path: {"get": describe_route(dialect, route)}
            for dialect in DIALECTS
            for route in dialect.routes
        },
        "components": {
            "schemas": {
                name: schema
                for dialect in DIALECTS
                for name, schema in dialect.schemas.items()
            },
            "securitySchemes": SECURITY,
        },
    }


def describe_route(dialect: Dialect, route: RestRoute) -> dict[str, Any]:
    """Describe one route."""
    return {
        "operationId": f"{dialect.name.replace(' ', '')}_{route.name}",
        "tags": [dialect.name],
        "summary": route.summary,
        "description": f"Needs the scope `{route.scope}`.",
        "parameters": [
            *map(describe_path_parameter, route.places),
            *map(describe_query_parameter, route.parameters),
        ],
        "security": [{name: []} for name in SECURITY],
        "responses": describe_responses(dialect, route),
    }


def describe_path_parameter(place: PathParameter) -> dict[str, Any]:
    """Describe a parameter in the path."""
    return {
        "name": place.name,
        "in": "path",
        "required": True,
        "description": place.description,
        "schema": place.schema,
    }


def describe_query_parameter(parameter: Parameter[Any]) -> dict[str, Any]:
    """Describe a parameter of the query string; OpenAPI repeats lists by default."""
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.is_required,
        # An empty value counts as absent.
        "allowEmptyValue": not parameter.is_required,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def describe_responses(dialect: Dialect, route: RestRoute) -> dict[str, Any]:
    """Describe the responses by status; several errors may share one."""
    failure = {"description": "", "content": {JSON: {"schema": dialect.error}}}
    responses: dict[str, Any] = {}
    for error, description in FAILURES:
        status = str(int(dialect.encode_error(error).status))
        responses[status] = {**failure, "description": description}
    # A dialect may answer a missing job with 200, but never a missing path.
    responses.setdefault("404", {**failure, "description": "There is no such path."})
    responses["200"] = describe_ok(dialect, route, may_fail="200" in responses)
    return dict(sorted(responses.items()))


def describe_ok(
    dialect: Dialect, route: RestRoute, *, may_fail: bool
) -> dict[str, Any]:
    """Describe the response of status 200, which in some dialects may be an error."""
    text = {TEXT: {"schema": {"type": "string"}}}
    bodies = [route.body, dialect.error] if may_fail else [route.body]
    known = [body for body in bodies if body is not None]
    schema = known[0] if len(known) == 1 else {"anyOf": known}
    return {
        "description": route.summary,
        "content": {
            **(text if route.body is None else {}),
            **({JSON: {"schema": schema}} if known else {}),
        },
        "headers": {
            name: {"description": description, "schema": {"type": "string"}}
            for name, description in route.headers.items()
        },
    }
