"""A request to who asks, in time: what every route of data begins with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from gateway.auth.credentials import HeaderValues
from gateway.auth.principal import Principal
from gateway.auth.rate_limits import RateUsage, to_client_id
from gateway.errors import (
    GatewayError,
    MissingCredentialError,
    UnauthenticatedError,
)
from gateway.query.timing import Timings
from gateway.settings import Settings
from gateway.web.client_address import to_client_address, to_networks
from gateway.web.cross_site import CookieRules
from gateway.web.disconnect import DisconnectWatch
from gateway.web.headers import RequestHeaders
from gateway.web.rate_headers import to_rate_error, to_rate_headers
from gateway.web.refusals import log_refusal
from gateway.web.reply import Reply, send_piece, send_reply
from gateway.web.resources import Resources
from gateway.web.streaming import send_rest, to_deadline_error

# The header by which a client asks for `Server-Timing`, whatever its value.
TIMING_WISH = "x-server-timing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request, and what its answer gets.

    Attributes:
        peer: The address that the request came from.
        watch: Ends the work when the client goes; begun once the body is read.
        added: Headers that the answer gets, whatever becomes of the request.
    """

    method: str
    query_string: bytes
    peer: str
    headers: RequestHeaders
    receive: Receive
    watch: DisconnectWatch
    resources: Resources
    timings: Timings
    added: list[tuple[bytes, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, and how much of their rate they have used; None: there is no limit."""

    principal: Principal
    standing: RateUsage | None


# Answers a request, or refuses it with a GatewayError, which is then written.
Respond = Callable[[Exchange], Awaitable[Reply]]
Refuse = Callable[[Exchange, GatewayError], Reply]


class Entrance:
    """Lets requests in, whatever they ask for."""

    def __init__(self, settings: Settings) -> None:
        self.timeout_s = settings.request_timeout_s
        self.tells_timings = settings.server_timing
        self.cookies = CookieRules(settings)
        self.proxies = to_networks(settings.trusted_proxies)

    async def serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        respond: Respond,
        refuse: Refuse,
    ) -> None:
        """Answer one request within the time limit.

        Raises:
            ClientDisconnect: Nobody waits for the answer any more.
        """
        limit = asyncio.timeout(self.timeout_s)
        exchange = to_exchange(scope, receive, limit)
        try:
            reply = await self.respond_in_time(exchange, limit, respond)
        except GatewayError as exc:
            log_refusal(exc)
            reply = refuse(exchange, exc)
        if self.tells_timings or exchange.headers.values_of(TIMING_WISH):
            timings = exchange.timings.to_header().encode("ascii")
            exchange.added.append((b"server-timing", timings))
        if exchange.added:
            reply = replace(reply, headers=(*reply.headers, *exchange.added))
        await send_reply(send, reply)
        if reply.rest is not None and exchange.method == "HEAD":
            await send_piece(send, b"", is_last=True)
        elif reply.rest is not None:
            await send_rest(receive, send, reply.rest, self.timeout_s)

    async def respond_in_time(
        self, exchange: Exchange, limit: asyncio.Timeout, respond: Respond
    ) -> Reply:
        """Tell the end of the time limit from a client that is gone.

        Raises:
            GatewayError: The request is refused.
            ClientDisconnect: See `serve`.
        """
        try:
            async with limit:
                return await respond(exchange)
        except TimeoutError as exc:
            if exchange.watch.is_gone:
                raise ClientDisconnect from exc
            if not limit.expired():
                raise
            raise to_deadline_error(self.timeout_s) from exc

    async def admit(self, exchange: Exchange) -> Caller:
        """Find out who asks, and count the request for them.

        What is cheaper to refuse, such as the method and the type of a body, is refused
        before: a cookie vouches for a POST only since no plain form can send its type.

        Raises:
            UnauthenticatedError: There is no credential, or it does not hold.
            ForbiddenError: It may not name another account.
            RateLimitedError: It is one request too many, or one refused credential.
        """
        with exchange.timings.measure("auth"):
            principal = await self.authenticate(exchange)
            standing = await count_request(exchange, principal)
        return Caller(principal=principal, standing=standing)

    async def authenticate(self, exchange: Exchange) -> Principal:
        """Find out who asks; a cookie vouches only for what no other site can send."""
        headers = exchange.headers
        try:
            values_of: HeaderValues = headers.values_of
            if headers.has_cookies:
                values_of = self.cookies.admit(exchange.method, headers)
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


def to_exchange(scope: Scope, receive: Receive, limit: asyncio.Timeout) -> Exchange:
    """Take a request as ASGI gives it."""
    return Exchange(
        method=scope["method"],
        query_string=scope["query_string"],
        peer=(scope.get("client") or ("",))[0],
        headers=RequestHeaders(scope["headers"]),
        receive=receive,
        watch=DisconnectWatch(receive, limit),
        resources=scope["state"]["resources"],
        timings=Timings(),
    )


async def count_request(exchange: Exchange, principal: Principal) -> RateUsage | None:
    """Count a request for whoever asks, where there is a limit.

    Raises:
        RateLimitedError: It is one too many.
    """
    limiter = exchange.resources.request_limiter
    if limiter is None:
        return None
    standing = await limiter.count(to_client_id(principal))
    if standing is None:
        return None
    exchange.added.extend(to_rate_headers(standing))
    if standing.is_exceeded:
        raise to_rate_error(standing, "requests")
    return standing
