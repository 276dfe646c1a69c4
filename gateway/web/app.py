"""The composition root: makes the ASGI application of the settings."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import MethodError, NotFoundError
from gateway.settings import Settings
from gateway.web.cors import cors_middleware
from gateway.web.endpoint import GraphqlEndpoint
from gateway.web.graphiql import GraphiqlDefaults, asset_routes, render_graphiql
from gateway.web.health import healthz, readyz
from gateway.web.ingest import IngestEndpoint
from gateway.web.login import login_routes, offers_login
from gateway.web.middleware import RequestFrame
from gateway.web.opening import open_resources
from gateway.web.reply import to_response
from gateway.web.resource_metadata import metadata_routes
from gateway.web.resources import RequestState, Resources
from gateway.web.rest.dialects import rest_routes, to_refusal
from gateway.web.rest.openapi import openapi_route

# What GraphiQL's page asks for if opened as /graphql/, since its links are relative.
PAGE_PART = re.compile(r"/graphql(/graphql/(?:assets/[^/]+|login))")

Opener = Callable[[Settings], AbstractAsyncContextManager[Resources]]


def create_app(
    settings: Settings,
    *,
    defaults: GraphiqlDefaults | None = None,
    opener: Opener = open_resources,
) -> Starlette:
    """Make the application; its lifespan opens and closes the resources.

    Args:
        settings: The settings.
        defaults: The initial values of the GraphiQL page.
        opener: Opens the resources that requests use.
    """
    defaults = defaults or GraphiqlDefaults()
    page = render_graphiql(replace(defaults, login=offers_login(settings)))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[RequestState]:
        async with opener(settings) as resources:
            yield {"resources": resources}

    app = Starlette(
        routes=[
            Route("/graphql", GraphqlEndpoint(settings, page)),
            Route("/ingest/{format}", IngestEndpoint(settings)),
            *login_routes(settings),
            *metadata_routes(settings),
            *asset_routes(),
            *rest_routes(settings),
            openapi_route(settings),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/", redirect_to_graphql),
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
    # Starlette would redirect to the host that the request names.
    app.router.redirect_slashes = False
    app.router.default = without_slash(app.router)
    return app


def without_slash(router: Router) -> ASGIApp:
    """Give what answers a path without a route as the same path without its slash."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = to_routed_path(scope["path"])
        if path == scope["path"]:
            await router.not_found(scope, receive, send)
            return
        scope["path"] = path
        await router.app(scope, receive, send)

    return answer


def to_routed_path(path: str) -> str:
    """Drop slashes at the end of a path; applied again, it changes nothing more."""
    path = path.rstrip("/")
    part = PAGE_PART.fullmatch(path)
    return part[1] if part else path


async def redirect_to_graphql(_: Request) -> Response:
    """Redirect from the root to the GraphiQL page."""
    return RedirectResponse("graphql")


async def not_found(request: Request, __: Exception) -> Response:
    """Answer a path without a route."""
    error = NotFoundError(
        "no such path; GraphQL is at /graphql, and /openapi.json tells of REST"
    )
    return to_response(to_refusal(request.scope["path"], error))


async def not_allowed(request: Request, _: Exception) -> Response:
    """Answer a method that the route does not take."""
    error = MethodError(f"{request.method} is not answered here; send GET", allow="GET")
    return to_response(to_refusal(request.scope["path"], error))
