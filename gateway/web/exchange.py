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

# A client that sends this header, with any value, gets `Server-Timing`.
TIMING_HEADER = "x-server-timing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request, and the headers to add to its reply.

    Attributes:
        peer: The address that connected: the client's, or a proxy's.
        media_type: The one that the client prefers for a GraphQL answer.
        timeout_s: The time limit of the reply, or of each piece of a streamed one.
        sends_timings: Whether every reply has `Server-Timing`.
        watch: The time limit; to be entered once the body is read.
        added: Headers that are added to any reply, an error's too.
    """

    method: str
    query_string: bytes
    peer: str
    headers: RequestHeaders
    receive: Receive
    media_type: MediaType
    timeout_s: float
    sends_timings: bool
    watch: DisconnectWatch
    resources: Resources
    timings: Timings
    added: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def send(self, send: Send, reply: Reply) -> None:
        """Send a reply, and then the pieces of a streamed one.

        Raises:
            ClientDisconnect: The client is gone.
        """
        if self.sends_timings or self.headers.values_of(TIMING_HEADER):
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
    """Make the exchange of an ASGI request."""
    headers = RequestHeaders(scope["headers"])
    return Exchange(
        method=scope["method"],
        query_string=scope["query_string"],
        peer=(scope.get("client") or ("",))[0],
        headers=headers,
        media_type=choose_media_type(headers.joined("accept")),
        receive=receive,
        timeout_s=settings.request_timeout_s,
        sends_timings=settings.server_timing,
        watch=DisconnectWatch(receive, settings.request_timeout_s),
        resources=scope["state"]["resources"],
        timings=Timings(),
    )
