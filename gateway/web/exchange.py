"""One HTTP request, and how its reply is sent."""

from dataclasses import dataclass, field, replace

from starlette.types import Receive, Scope, Send

from gateway.query.document.timing import Timings
from gateway.settings import Settings
from gateway.web.accept import choose_media_type
from gateway.web.disconnect import DisconnectWatch
from gateway.web.headers import RequestHeaders
from gateway.web.reply import MediaType, Reply, send_piece, send_reply
from gateway.web.resources import Resources
from gateway.web.streaming import send_rest

# The header by which a client asks for `Server-Timing`, whatever its value.
TIMING_WISH = "x-server-timing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request, and what its answer gets.

    Attributes:
        peer: The address that the request came from.
        media_type: Of a GraphQL answer, as the client prefers it.
        timeout_s: How long the answer, or each piece of it, may take.
        tells_timings: Whether every answer has `Server-Timing`.
        watch: Ends the work when the client goes; begun once the body is read. Its
            limit is the time limit.
        added: Headers that the answer gets, whatever becomes of the request.
    """

    method: str
    query_string: bytes
    peer: str
    headers: RequestHeaders
    receive: Receive
    media_type: MediaType
    timeout_s: float
    tells_timings: bool
    watch: DisconnectWatch
    resources: Resources
    timings: Timings
    added: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def send(self, send: Send, reply: Reply) -> None:
        """Send a reply, and what comes after it in pieces.

        Raises:
            ClientDisconnect: Nobody waits for the answer any more.
        """
        if self.tells_timings or self.headers.values_of(TIMING_WISH):
            timings = self.timings.to_header().encode("ascii")
            self.added.append((b"server-timing", timings))
        if self.added:
            reply = replace(reply, headers=(*reply.headers, *self.added))
        await send_reply(send, reply)
        if reply.rest is not None and self.method == "HEAD":
            await send_piece(send, b"", is_last=True)
        elif reply.rest is not None:
            await send_rest(self.receive, send, reply.rest, self.timeout_s)


def to_exchange(scope: Scope, receive: Receive, settings: Settings) -> Exchange:
    """Take a request as ASGI gives it."""
    headers = RequestHeaders(scope["headers"])
    return Exchange(
        method=scope["method"],
        query_string=scope["query_string"],
        peer=(scope.get("client") or ("",))[0],
        headers=headers,
        media_type=choose_media_type(headers.joined("accept")),
        receive=receive,
        timeout_s=settings.request_timeout_s,
        tells_timings=settings.server_timing,
        watch=DisconnectWatch(receive, settings.request_timeout_s),
        resources=scope["state"]["resources"],
        timings=Timings(),
    )
