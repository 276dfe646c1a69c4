"""A request for a REST route to its reply."""

from datetime import UTC, datetime
from functools import partial

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.auth.scopes import check_scope
from gateway.errors import GatewayError
from gateway.settings import Settings
from gateway.web.entrance import Entrance, Exchange
from gateway.web.public_url import to_public_url
from gateway.web.reply import Reply
from gateway.web.rest.parameters import parse_query
from gateway.web.rest.routes import Call, Dialect, RestRoute


class RestEndpoint:
    """The ASGI application at one route."""

    def __init__(self, settings: Settings, dialect: Dialect, route: RestRoute) -> None:
        self.settings = settings
        self.entrance = Entrance(settings)
        self.dialect = dialect
        self.route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.entrance.serve(
            scope,
            receive,
            send,
            respond=partial(self.respond, scope),
            refuse=self.refuse,
        )

    async def respond(self, scope: Scope, exchange: Exchange) -> Reply:
        """Answer, in the dialect's manner.

        Raises:
            GatewayError: The request is refused.
            ClientDisconnect: Nobody waits for the answer any more.
        """
        caller = await self.entrance.admit(exchange)
        check_scope(scope["path"], self.route.scope, caller.principal)
        call = Call(
            principal=caller.principal,
            settings=self.settings,
            database=exchange.resources.database,
            timings=exchange.timings,
            path=scope["path_params"],
            query=parse_query(exchange.query_string, self.route.parameters),
            url=(to_public_url(scope, self.settings.public_url) or "") + scope["path"],
            now=datetime.now(UTC),
        )
        with exchange.watch:
            return await self.route.answer(call)

    def refuse(self, _: Exchange, error: GatewayError) -> Reply:
        """Write an error in the dialect's manner."""
        return self.dialect.refuse(error)


def to_route(settings: Settings, dialect: Dialect, route: RestRoute) -> Route:
    """Give a route as Starlette takes it."""
    return Route(route.path, RestEndpoint(settings, dialect, route), methods=["GET"])
