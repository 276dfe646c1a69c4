"""The GraphQL endpoint: decodes requests, runs operations, encodes answers.

https://graphql.github.io/graphql-over-http/draft/
"""

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.auth.caller import Caller
from gateway.errors import GatewayError, MethodError, MissingCredentialError
from gateway.query.document.request import GraphqlRequest
from gateway.settings import Settings
from gateway.web.accept import prefers_html
from gateway.web.admission import Admission
from gateway.web.body import check_media_type, read_body
from gateway.web.decode import decode_body, decode_query_string
from gateway.web.exchange import Exchange, to_exchange
from gateway.web.graphiql import to_page_response
from gateway.web.refusals import log_refusal
from gateway.web.reply import Reply, to_error_reply, to_reply


class GraphqlEndpoint:
    """The ASGI application at `/graphql`.

    Args:
        page: The HTML that a browser gets.
    """

    def __init__(self, settings: Settings, page: str) -> None:
        self.settings = settings
        self.admission = Admission(settings)
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST" and prefers_html(Request(scope)):
            await to_page_response(self.page)(scope, receive, send)
            return
        exchange = to_exchange(scope, receive, self.settings)
        try:
            reply = await exchange.watch.in_time(self.answer(exchange))
        except GatewayError as exc:
            log_refusal(exc)
            reply = to_error_reply(exc, exchange.media_type)
        await exchange.send(send, reply)

    async def answer(self, exchange: Exchange) -> Reply:
        """Admit, read, prepare, run, encode: cheapest refusals first.

        Raises:
            GatewayError: The request as a whole is refused.
            ClientDisconnect: The client is gone.
        """
        measure, operations = exchange.timings.measure, exchange.resources.operations
        is_post = check_method(exchange)
        caller = await self.admit(exchange)
        with measure("body"):
            request = await self.read(exchange)
        with exchange.watch:
            with measure("document"):
                prepared = operations.prepare(request, caller, allows_mutation=is_post)
            with measure("execute"):
                answer = await operations.run(prepared, exchange.timings)
        with measure("encode"):
            return to_reply(answer, exchange.media_type)

    async def admit(self, exchange: Exchange) -> Caller | None:
        """Identify the caller; None without a credential, if introspection is public.

        Raises:
            GatewayError: See `Admission.admit`.
        """
        try:
            return await self.admission.admit(exchange)
        except MissingCredentialError:
            if not self.settings.public_introspection:
                raise
            return None

    async def read(self, exchange: Exchange) -> GraphqlRequest:
        """Decode the GraphQL request from the body or the URL."""
        if exchange.method == "GET":
            return decode_query_string(exchange.query_string)
        limit = self.settings.max_body_bytes
        return decode_body(await read_body(exchange.receive, exchange.headers, limit))


def check_method(exchange: Exchange) -> bool:
    """Tell POST (true) from GET (false).

    Raises:
        MethodError: It is another method.
        MediaTypeError: The body of a POST is not JSON.
    """
    if exchange.method == "POST":
        check_media_type(exchange.headers)
        return True
    if exchange.method == "GET":
        return False
    raise MethodError(
        f"{exchange.method} is not answered here; send GET or POST", allow="GET, POST"
    )
