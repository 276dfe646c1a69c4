"""GraphQL over HTTP: a request to an operation, its answer to a reply.

https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.auth.credentials import HeaderValues, find_credential
from gateway.auth.principal import Principal
from gateway.auth.rate_limits import Standing, to_client_id
from gateway.errors import (
    DeadlineError,
    GatewayError,
    MethodError,
    MissingCredentialError,
    UnauthenticatedError,
)
from gateway.query.request import GraphqlRequest
from gateway.query.timing import Timings
from gateway.settings import Settings
from gateway.web.accept import to_media_type
from gateway.web.body import check_media_type, read_body
from gateway.web.client_address import to_client_address, to_networks
from gateway.web.cross_site import CookieRules
from gateway.web.decode import decode_body, decode_query_string
from gateway.web.disconnect import DisconnectWatch
from gateway.web.graphiql import page_response, prefers_html
from gateway.web.headers import RequestHeaders
from gateway.web.rate_headers import to_rate_error, to_rate_headers
from gateway.web.reply import Reply, send_reply, to_error_reply, to_reply
from gateway.web.request_id import current_request_id
from gateway.web.resources import Answer, Resources

__all__ = ["GraphqlEndpoint"]

logger = logging.getLogger(__name__)

# The header by which a client asks for `Server-Timing`, whatever its value.
TIMING_WISH = "x-server-timing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request, and what it is answered with.

    Attributes:
        peer: The address that the request came from.
        added: Headers that the answer gets, whatever becomes of the request.
    """

    method: str
    query_string: bytes
    peer: str
    headers: RequestHeaders
    receive: Receive
    resources: Resources
    timings: Timings
    added: list[tuple[bytes, bytes]] = field(default_factory=list)


class GraphqlEndpoint:
    """The ASGI application at `/graphql`.

    Args:
        page: What browsers get that open the address.
    """

    def __init__(self, settings: Settings, page: str) -> None:
        self.max_body_bytes = settings.max_body_bytes
        self.timeout_s = settings.request_timeout_s
        self.is_introspection_public = settings.public_introspection
        self.tells_timings = settings.server_timing
        self.cookies = CookieRules(settings)
        self.proxies = to_networks(settings.trusted_proxies)
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST" and prefers_html(Request(scope)):
            await page_response(self.page)(scope, receive, send)
            return
        exchange = Exchange(
            method=scope["method"],
            query_string=scope["query_string"],
            peer=(scope.get("client") or ("",))[0],
            headers=RequestHeaders(scope["headers"]),
            receive=receive,
            resources=scope["state"]["resources"],
            timings=Timings(),
        )
        reply = await self.reply(exchange)
        if self.tells_timings or exchange.headers.values_of(TIMING_WISH):
            timings = exchange.timings.to_header().encode("ascii")
            exchange.added.append((b"server-timing", timings))
        if exchange.added:
            reply = replace(reply, headers=(*reply.headers, *exchange.added))
        await send_reply(send, reply)

    async def reply(self, exchange: Exchange) -> Reply:
        """Answer, whatever was sent.

        Raises:
            ClientDisconnect: Nobody waits for the answer any more.
        """
        media_type = to_media_type(exchange.headers.joined("accept"))
        try:
            answer = await self.answer(exchange)
        except GatewayError as exc:
            log_refusal(exc)
            return to_error_reply(exc, media_type)
        with exchange.timings.measure("encode"):
            return to_reply(
                answer.payload,
                answer.status,
                media_type,
                retry_after_s=answer.retry_after_s,
            )

    async def answer(self, exchange: Exchange) -> Answer:
        """Execute the operation within the time limit.

        Raises:
            GatewayError: The request as a whole is refused.
            ClientDisconnect: See `reply`.
        """
        limit = asyncio.timeout(self.timeout_s)
        watch = DisconnectWatch(exchange.receive, limit)
        try:
            async with limit:
                return await self.execute(exchange, watch)
        except TimeoutError as exc:
            if watch.is_gone:
                raise ClientDisconnect from exc
            if not limit.expired():
                raise
            raise DeadlineError(
                f"the request took longer than {self.timeout_s:g} s; ask for less or"
                " for smaller pages"
            ) from exc

    async def execute(self, exchange: Exchange, watch: DisconnectWatch) -> Answer:
        """Read a request, cheapest refusals first, and execute its operation."""
        check_method(exchange.method)
        if exchange.method == "POST":
            check_media_type(exchange.headers)
        timings = exchange.timings
        with timings.measure("auth"):
            principal = await self.authenticate(exchange)
            standing = await count_request(exchange, principal)
        with timings.measure("body"):
            request = await self.read(exchange)
        with watch:
            return await exchange.resources.operations.execute(
                request,
                principal,
                standing=standing,
                allows_mutation=exchange.method == "POST",
                request_id=current_request_id.get(),
                timings=timings,
            )

    async def authenticate(self, exchange: Exchange) -> Principal | None:
        """Find out who asks; a cookie vouches only for what no other site can send.

        Raises:
            UnauthenticatedError: There is no credential, or it does not hold.
            RateLimitedError: As many did not hold before.
        """
        headers = exchange.headers
        try:
            values_of: HeaderValues = headers.values_of
            if headers.has_cookies:
                values_of = self.cookies.admit(exchange.method, headers)
            if self.is_introspection_public and find_credential(values_of) is None:
                return None
            return await exchange.resources.authenticator.authenticate(values_of)
        except MissingCredentialError:
            raise
        except UnauthenticatedError:
            await self.count_failure(exchange)
            raise

    async def count_failure(self, exchange: Exchange) -> None:
        """Count a credential that does not hold for the address it came from.

        Raises:
            RateLimitedError: There were too many.
        """
        limiter = exchange.resources.failure_limiter
        if limiter is None:
            return
        address = to_client_address(exchange.peer, exchange.headers, self.proxies)
        standing = await limiter.count(address)
        if standing is not None and standing.is_exceeded:
            raise to_rate_error(standing, "refused credentials from this address")

    async def read(self, exchange: Exchange) -> GraphqlRequest:
        """Read the operation from body or URL."""
        if exchange.method == "GET":
            return decode_query_string(exchange.query_string)
        body = await read_body(exchange.receive, exchange.headers, self.max_body_bytes)
        return decode_body(body)


async def count_request(
    exchange: Exchange, principal: Principal | None
) -> Standing | None:
    """Count a request for whoever asks, where there is a limit.

    Raises:
        RateLimitedError: It is one too many.
    """
    limiter = exchange.resources.request_limiter
    if limiter is None or principal is None:
        return None
    standing = await limiter.count(to_client_id(principal))
    if standing is None:
        return None
    exchange.added.extend(to_rate_headers(standing))
    if standing.is_exceeded:
        raise to_rate_error(standing, "requests")
    return standing


def check_method(method: str) -> None:
    """Refuse methods other than those of GraphQL over HTTP."""
    if method not in {"GET", "POST"}:
        raise MethodError(
            f"{method} is not answered here; send GET or POST", allow="GET, POST"
        )


def log_refusal(error: GatewayError) -> None:
    """Log a client's mistake as information, and trouble of our own as a warning."""
    is_ours = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    logger.log(
        logging.WARNING if is_ours else logging.INFO,
        "%s: %s",
        error.code.value,
        error.message,
        extra={"code": error.code.value, "status": error.status},
    )
