"""GraphQL over HTTP: a request to an operation, its answer to a reply.

https://graphql.github.io/graphql-over-http/draft/
"""

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.errors import GatewayError, MethodError, MissingCredentialError
from gateway.query.document.request import GraphqlRequest
from gateway.settings import Settings
from gateway.web.accept import to_media_type
from gateway.web.body import check_media_type, read_body
from gateway.web.decode import decode_body, decode_query_string
from gateway.web.entrance import Caller, Entrance, Exchange
from gateway.web.graphiql import page_response, prefers_html
from gateway.web.reply import MediaType, Reply, to_error_reply, to_reply
from gateway.web.request_id import current_request_id
from gateway.web.resources import Answer


class GraphqlEndpoint:
    """The ASGI application at `/graphql`.

    Args:
        page: What browsers get that open the address.
    """

    def __init__(self, settings: Settings, page: str) -> None:
        self.entrance = Entrance(settings)
        self.max_body_bytes = settings.max_body_bytes
        self.is_introspection_public = settings.public_introspection
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST" and prefers_html(Request(scope)):
            await page_response(self.page)(scope, receive, send)
            return
        await self.entrance.serve(
            scope, receive, send, respond=self.respond, refuse=refuse
        )

    async def respond(self, exchange: Exchange) -> Reply:
        """Execute the operation, and encode what became of it.

        Raises:
            GatewayError: The request as a whole is refused.
            ClientDisconnect: Nobody waits for the answer any more.
        """
        answer = await self.execute(exchange)
        with exchange.timings.measure("encode"):
            return to_reply(
                answer.payload,
                answer.status,
                media_type_of(exchange),
                retry_after_s=answer.retry_after_s,
            )

    async def execute(self, exchange: Exchange) -> Answer:
        """Read a request, cheapest refusals first, and execute its operation."""
        check_method(exchange.method)
        if exchange.method == "POST":
            check_media_type(exchange.headers)
        caller = await self.admit(exchange)
        with exchange.timings.measure("body"):
            request = await self.read(exchange)
        with exchange.watch:
            return await exchange.resources.operations.execute(
                request,
                caller.principal if caller else None,
                standing=caller.standing if caller else None,
                allows_mutation=exchange.method == "POST",
                request_id=current_request_id.get(),
                timings=exchange.timings,
            )

    async def admit(self, exchange: Exchange) -> Caller | None:
        """Find out who asks, which may be nobody where introspection is public.

        Raises:
            GatewayError: See `Entrance.admit`.
        """
        try:
            return await self.entrance.admit(exchange)
        except MissingCredentialError:
            if not self.is_introspection_public:
                raise
            return None

    async def read(self, exchange: Exchange) -> GraphqlRequest:
        """Read the operation from body or URL."""
        if exchange.method == "GET":
            return decode_query_string(exchange.query_string)
        body = await read_body(exchange.receive, exchange.headers, self.max_body_bytes)
        return decode_body(body)


def refuse(exchange: Exchange, error: GatewayError) -> Reply:
    """Write an error that refuses the request as a whole."""
    return to_error_reply(error, media_type_of(exchange))


def media_type_of(exchange: Exchange) -> MediaType:
    """Choose the media type of the answer."""
    return to_media_type(exchange.headers.joined("accept"))


def check_method(method: str) -> None:
    """Refuse methods other than those of GraphQL over HTTP."""
    if method not in {"GET", "POST"}:
        raise MethodError(
            f"{method} is not answered here; send GET or POST", allow="GET, POST"
        )
