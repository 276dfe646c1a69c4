"""HTTP connections that lose no request at shutdown, and whose requests are bounded.

What comes before and after a body, and its time, is bounded here, as uvicorn has no
bounds: a stranger could fill the memory, or hold connections, without any request.
"""

import asyncio

import httptools
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.errors import (
    GatewayError,
    OverloadedError,
    RequestError,
    SlowRequestError,
)
from gateway.web.answer_watch import AnswerWatch
from gateway.web.connections import Connections
from gateway.web.refusals import log_refusal
from gateway.web.reply import to_error_reply
from gateway.web.wire_errors import (
    check_hosts,
    check_is_no_tunnel,
    to_request_error,
)

# A request may be in transit on an idle connection: it has this long to arrive.
IDLE_GRACE_S = 0.5
# So long a refused client may go on to send: closing at once can lose it the answer.
LINGER_S = 2
# After each piece of data that is parsed it is known how much is unfinished: pieces are
# such a part of the limit, which is that exact.
PIECES = 8


class GatewayProtocol(HttpToolsProtocol):
    """One connection of a client.

    Attributes:
        is_draining: Whether the server is shutting down.
        is_refused: Whether what still comes is not looked at.
        has_begun: Whether a head is awaited: at first, and as soon as anything comes.
        is_in_body: Whether a head has ended, and its body has not.
        unfinished_bytes: Of a head, of trailers, or of what else is no body, so far.
        parsed_bytes: Of what the latest piece of data had of bodies, and of ends.
        deadline: Ends the connection when the client takes too long to send.
        taking: Ends it when the client does not take its answers.
    """

    server_state: Connections
    is_draining = False
    is_refused = False
    has_begun = True
    is_in_body = False
    unfinished_bytes = 0
    parsed_bytes = 0
    deadline: asyncio.TimerHandle | None = None
    taking: AnswerWatch

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.taking = AnswerWatch(transport, self.loop, self.server_state.settings)
        if self.server_state.make_room():
            self.server_state.idle[self] = None
            self.watch_sending()
            return
        self.is_refused = True
        limit = self.server_state.max_connections
        self.write_error(
            OverloadedError(
                f"requests on all {limit} connections are being answered"
                " (GATEWAY_MAX_CONNECTIONS); try again later"
            )
        )
        self.transport.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.server_state.forget(self)
        self.stop_deadline()
        self.taking.stop()

    @override
    def data_received(self, data: bytes) -> None:
        if self.is_refused:
            return
        self._unset_keepalive_if_required()
        self.has_begun = True
        piece_bytes = self.server_state.settings.max_head_bytes // PIECES
        try:
            for start in range(0, len(data), piece_bytes):
                self.parse_piece(data[start : start + piece_bytes])
        except GatewayError as exc:
            self.refuse(exc)
        except httptools.HttpParserError as exc:
            self.refuse(to_request_error(exc))
        self.watch_sending()

    def parse_piece(self, piece: bytes) -> None:
        """Parse a piece of data, and count what is left unfinished.

        Raises:
            GatewayError: There is too much of it, or the request is refused.
            httptools.HttpParserError: It is not HTTP, or a callback raised.
        """
        self.parsed_bytes = 0
        self.feed(piece)
        before_bytes = 0 if self.parsed_bytes else self.unfinished_bytes
        self.unfinished_bytes = before_bytes + len(piece) - self.parsed_bytes
        if self.unfinished_bytes > self.server_state.settings.max_head_bytes:
            raise self.to_size_error()

    def feed(self, data: bytes) -> None:
        """Parse data; an offer to go on in another protocol is not taken.

        A client that offers HTTP/2 sends the body as if it had not (RFC 9110, 7.8). The
        parser takes no body then: another one is given the head without the offer.
        """
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = data[offer.args[0] :]
                head = self.to_head_without_offer()
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                self.parser.feed_data(head)
            else:
                return

    def to_head_without_offer(self) -> bytes:
        """Write the head that was parsed, without the header `upgrade`."""
        version = self.parser.get_http_version().encode("ascii")
        fields = (b"%s: %s" % field for field in self.headers if field[0] != b"upgrade")
        line = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)
        return b"\r\n".join([line, *fields, b"", b""])

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.has_begun = True

    @override
    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            check_is_no_tunnel(self.parser.get_method())
            return
        check_hosts(self.headers, self.parser.get_http_version())
        super().on_headers_complete()
        self.server_state.idle.pop(self, None)
        self.is_in_body = True
        self.parsed_bytes += 1  # of the line that ends it
        # Trailers are no headers, and nothing here needs them (RFC 9110, 6.5.1).
        self.headers = []
        if self.is_draining:
            self.cycle.keep_alive = False

    @override
    def on_body(self, body: bytes) -> None:
        self.parsed_bytes += len(body)
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self.is_in_body = False
        self.has_begun = False
        self.parsed_bytes += 1  # of the line that ends it
        super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.is_idle():
            self.server_state.idle[self] = None
            self.watch_sending()
        if self.transport.is_closing():
            self.taking.start()

    def to_size_error(self) -> RequestError:
        """Say that the head, or the trailers, have too many bytes."""
        part = "trailers have" if self.is_in_body else "head has"
        limit = self.server_state.settings.max_head_bytes
        return RequestError(
            f"the request's {part} more than {limit} bytes (GATEWAY_MAX_HEAD_BYTES);"
            " send less"
        )

    def refuse(self, error: GatewayError) -> None:
        """Answer with an error where that is possible, and end the connection."""
        log_refusal(error)
        self.is_refused = True
        if self.can_answer():
            self.write_error(error)
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.server_state.idle[self] = None
        self.stop_deadline()
        self.loop.call_later(LINGER_S, self.transport.abort)

    def can_answer(self) -> bool:
        """Tell whether what is written now answers the request that is being read."""
        if self.is_in_body:
            return not self.cycle.response_started and not self.pipeline
        return self.is_idle()

    def write_error(self, error: GatewayError) -> None:
        """Write an error as the last answer, and no more."""
        reply = to_error_reply(error)
        headers = [
            (b"content-type", reply.media_type.value),
            (b"content-length", b"%d" % len(reply.body)),
            (b"connection", b"close"),
            *reply.headers,
        ]
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[reply.status] + lines + b"\r\n" + reply.body)
        self.transport.write_eof()

    def watch_sending(self) -> None:
        """Give the client a time for what is awaited, or end it when that is there.

        A body that is being read is not looked at: who reads it knows how fast it is.
        """
        if self.is_refused or self.transport.is_closing():
            return
        is_idle = self.is_idle()
        if is_idle and (self.has_begun or self.is_in_body):
            if self.deadline is None:
                timeout_s = self.server_state.settings.client_timeout_s
                self.deadline = self.loop.call_later(timeout_s, self.end_late)
            return
        self.stop_deadline()
        if is_idle and self.timeout_keep_alive_task is None:
            # The rest of a body came after its answer, and ended uvicorn's own timer.
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def end_late(self) -> None:
        """End the connection of a client that took too long to send."""
        self.deadline = None
        if not self.unfinished_bytes:
            self.transport.close()
            return
        timeout_s = self.server_state.settings.client_timeout_s
        self.refuse(
            SlowRequestError(
                f"the request's head did not come within {timeout_s:g} s"
                " (GATEWAY_CLIENT_TIMEOUT_S); send it again, faster"
            )
        )

    def stop_deadline(self) -> None:
        """Let the client have time."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    @override
    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.taking.start()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self.taking.start()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self.taking.stop()

    @override
    def shutdown(self) -> None:
        """Close after the running request, or after one that is in transit."""
        self.is_draining = True
        if self.is_idle():
            self.loop.call_later(IDLE_GRACE_S, self.close_idle)
        else:
            self.cycle.keep_alive = False

    def close_idle(self) -> None:
        """Close the connection unless a request has arrived."""
        if self.is_idle() and not self.transport.is_closing():
            self.transport.close()

    def is_idle(self) -> bool:
        """Tell whether no request is being answered."""
        # The cycle is None until the first request, though its type does not say so.
        return getattr(self.cycle, "response_complete", True)
