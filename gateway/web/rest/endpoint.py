"""A request for a REST route to its reply."""

from datetime import UTC, datetime

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.auth.scopes import check_scope
from gateway.errors import GatewayError
from gateway.settings import Settings
from gateway.web.admission import Admission
from gateway.web.exchange import Exchange, to_exchange
from gateway.web.public_url import to_public_url
from gateway.web.refusals import log_refusal
from gateway.web.reply import Reply
from gateway.web.rest.parameters import parse_query
from gateway.web.rest.routes import Call, Dialect, RestRoute


class RestEndpoint:
    """The ASGI application at one route."""

    def __init__(self, settings: Settings, dialect: Dialect, route: RestRoute) -> None:
        self.settings = settings
        self.admission = Admission(settings)
        self.dialect = dialect
        self.route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = to_exchange(scope, receive, self.settings)
        try:
            reply = await exchange.watch.in_time(self.answer(scope, exchange))
        except GatewayError as exc:
            log_refusal(exc)
            reply = self.dialect.refuse(exc)
        await exchange.send(send, reply)

    async def answer(self, scope: Scope, exchange: Exchange) -> Reply:
        """Answer, in the dialect's manner.

        Raises:
            GatewayError: The request is refused.
            ClientDisconnect: Nobody waits for the answer any more.
        """
        caller = await self.admission.admit(exchange)
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


def to_route(settings: Settings, dialect: Dialect, route: RestRoute) -> Route:
    """Give a route as Starlette takes it."""
    return Route(route.path, RestEndpoint(settings, dialect, route), methods=["GET"])
