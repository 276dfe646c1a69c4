"""The composition root: settings to an ASGI application."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.errors import MethodError, NotFoundError
from gateway.settings import Settings
from gateway.web.cors import cors_middleware
from gateway.web.endpoint import GraphqlEndpoint
from gateway.web.graphiql import GraphiqlDefaults, asset_routes, read_page
from gateway.web.health import healthz, readyz
from gateway.web.ingest import IngestEndpoint
from gateway.web.login import login_routes, offers_login
from gateway.web.middleware import RequestFrame
from gateway.web.opening import open_resources
from gateway.web.reply import wrap
from gateway.web.resource_metadata import metadata_routes
from gateway.web.resources import RequestState, Resources
from gateway.web.rest.dialects import rest_routes, to_refusal
from gateway.web.rest.openapi import openapi_route

Opener = Callable[[Settings], AbstractAsyncContextManager[Resources]]


def create_app(
    settings: Settings,
    *,
    defaults: GraphiqlDefaults | None = None,
    opener: Opener = open_resources,
) -> Starlette:
    """Put the gateway together; its lifespan opens and closes what it needs.

    Args:
        settings: Read once, passed to whatever needs one.
        defaults: What the GraphiQL page starts with.
        opener: Gives the resources requests use.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[RequestState]:
        async with opener(settings) as resources:
            yield {"resources": resources}

    return Starlette(
        routes=[
            Route("/graphql", GraphqlEndpoint(settings, to_page(settings, defaults))),
            Route("/ingest/{format}", IngestEndpoint(settings)),
            *login_routes(settings),
            *metadata_routes(settings),
            *asset_routes(),
            *rest_routes(settings),
            openapi_route(settings),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/", to_graphql),
        ],
        middleware=[
            Middleware(RequestFrame, refuse=to_refusal, settings=settings),
            *cors_middleware(settings),
        ],
        exception_handlers={
            HTTPStatus.NOT_FOUND: not_found,
            HTTPStatus.METHOD_NOT_ALLOWED: not_allowed,
        },
        lifespan=lifespan,
    )


def to_page(settings: Settings, defaults: GraphiqlDefaults | None) -> str:
    """Give the page of GraphiQL, with what the settings offer there."""
    defaults = defaults or GraphiqlDefaults()
    return read_page(replace(defaults, login=offers_login(settings)))


async def to_graphql(_: Request) -> Response:
    """Lead whoever opens the host to its one page."""
    return RedirectResponse("graphql")


async def not_found(request: Request, __: Exception) -> Response:
    """Answer where there is no route."""
    error = NotFoundError(
        "no such path; GraphQL is at /graphql, and /openapi.json tells of REST"
    )
    return wrap(to_refusal(request.url.path, error))


async def not_allowed(request: Request, _: Exception) -> Response:
    """Answer where a route does not take the method."""
    error = MethodError(f"{request.method} is not answered here; send GET", allow="GET")
    return wrap(to_refusal(request.url.path, error))
