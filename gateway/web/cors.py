"""Cross-origin resource sharing: off, unless origins are set."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Message, Send
from typing_extensions import override

from gateway.settings import Settings

METHODS = ("GET", "POST")
ALLOWED_HEADERS = (
    "accept",
    "apollo-require-preflight",
    "apollographql-client-name",
    "apollographql-client-version",
    "authorization",
    "content-type",
    "x-account",
    "x-api-key",
    "x-apollo-operation-name",
    "x-jwt-token",
    "x-request-id",
    "x-server-timing",
)
EXPOSED_HEADERS = (
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "server-timing",
    "www-authenticate",
    "x-request-id",
)
MAX_AGE_S = 600


def cors_middleware(settings: Settings) -> Sequence[Middleware]:
    """Give the middleware for the configured origins; none if there are none."""
    if not settings.cors_origins:
        return []
    return [
        Middleware(
            CrossOrigin,
            allow_origins=settings.cors_origins,
            allow_methods=METHODS,
            allow_headers=ALLOWED_HEADERS,
            allow_credentials=settings.cors_credentials,
            expose_headers=EXPOSED_HEADERS,
            max_age=MAX_AGE_S,
        )
    ]


class CrossOrigin(CORSMiddleware):
    """Starlette's middleware, but HTML pages stay hidden from other origins.

    The demo's page contains credentials.
    """

    @override
    async def send(
        self, message: Message, send: Send, request_headers: Headers
    ) -> None:
        if message["type"] == "http.response.start" and is_page(message):
            await send(message)
            return
        await super().send(message, send, request_headers)


def is_page(message: Message) -> bool:
    """Tell whether a response is HTML."""
    media_type = Headers(raw=message.get("headers", [])).get("content-type", "")
    return media_type.startswith("text/html")
