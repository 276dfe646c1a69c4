"""The endpoint of a REST route."""

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
from gateway.web.rest.parameters import parse_parameters
from gateway.web.rest.routes import Call, Dialect, RestRoute


class RestEndpoint:
    """The ASGI application of one route."""

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
            reply = self.dialect.encode_error(exc)
        await exchange.send(send, reply)

    async def answer(self, scope: Scope, exchange: Exchange) -> Reply:
        """Admit, parse, answer.

        Raises:
            GatewayError: The request is refused.
            ClientDisconnect: The client is gone.
        """
        caller = await self.admission.admit(exchange)
        check_scope(scope["path"], self.route.scope, caller.principal)
        call = Call(
            principal=caller.principal,
            settings=self.settings,
            database=exchange.resources.database,
            timings=exchange.timings,
            path=scope["path_params"],
            query=parse_parameters(exchange.query_string, self.route.parameters),
            url=(to_public_url(scope, self.settings.public_url) or "") + scope["path"],
            now=datetime.now(UTC),
        )
        with exchange.watch:
            return await self.route.answer(call)


def to_route(settings: Settings, dialect: Dialect, route: RestRoute) -> Route:
    """Make the Starlette route."""
    return Route(route.path, RestEndpoint(settings, dialect, route), methods=["GET"])
