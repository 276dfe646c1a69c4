"""HTTP connections that lose no request at shutdown, and whose requests are bounded.

What comes before and after a body is bounded here, as uvicorn has no bounds: a stranger
could fill the memory before any request has begun.
"""

import httptools
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.errors import GatewayError, MethodError, RequestError
from gateway.web.connections import Connections
from gateway.web.refusals import log_refusal
from gateway.web.reply import to_error_reply

# A request may be on its way through a connection that looks idle: it gets this long.
IDLE_GRACE_S = 0.5
# So long a refused client may go on to send: closing at once can lose it the answer.
LINGER_S = 2
# What stands around the name and the value of a field: a colon, a blank, a line's end.
FIELD_EXTRA_BYTES = 4
# After each piece of data that is parsed it is known how much is unfinished: pieces are
# such a part of the limit.
PIECES = 8


class GatewayProtocol(HttpToolsProtocol):
    """One connection of a client.

    Attributes:
        is_draining: Whether the server is shutting down.
        is_refused: Whether what still comes is not looked at.
        is_in_body: Whether a head has ended, and its body has not.
        field_bytes: Of the request line and headers, or of the trailers, so far.
        unfinished_bytes: Of what the parser has received and not yet handed on.
        parsed_bytes: Of what the parser handed on of the latest piece of data.
    """

    server_state: Connections
    is_draining = False
    is_refused = False
    is_in_body = False
    field_bytes = 0
    unfinished_bytes = 0
    parsed_bytes = 0

    @override
    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self.is_refused:
            return
        piece_bytes = self.server_state.settings.max_head_bytes // PIECES
        try:
            for start in range(0, len(data), piece_bytes):
                self.parse_piece(data[start : start + piece_bytes])
        except GatewayError as exc:
            self.refuse(exc)
        except httptools.HttpParserError as exc:
            self.refuse(to_request_error(exc))

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
        self.check_bytes(self.field_bytes + self.unfinished_bytes)

    def feed(self, data: bytes) -> None:
        """Parse data; an offer to go on in another protocol is not taken.

        A client that offers HTTP/2 sends the body as if it had not (RFC 9110, 7.8). The
        parser takes no body then: another one is given the head without the offer.
        """
        rest = memoryview(data)
        while rest:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as offer:
                rest = rest[offer.args[0] :]
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
        self.field_bytes = 0

    @override
    def on_url(self, url: bytes) -> None:
        self.count_field(len(url))
        super().on_url(url)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        self.count_field(len(name) + len(value) + FIELD_EXTRA_BYTES)
        # Trailers are no headers, and nothing here needs them (RFC 9110, 6.5.1).
        if not self.is_in_body:
            super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            check_is_no_tunnel(self.parser.get_method())
            return
        check_hosts(self.headers, self.parser.get_http_version())
        super().on_headers_complete()
        self.is_in_body = True
        self.field_bytes = 0
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
        self.field_bytes = 0
        self.parsed_bytes += 1  # of the line that ends it
        super().on_message_complete()

    def count_field(self, size: int) -> None:
        """Count the bytes of a request line, a header or a trailer.

        Raises:
            RequestError: There are too many.
        """
        self.parsed_bytes += size
        self.field_bytes += size
        self.check_bytes(self.field_bytes)

    def check_bytes(self, size: int) -> None:
        """Check the bytes of a head, or of trailers.

        Raises:
            RequestError: There are too many.
        """
        limit = self.server_state.settings.max_head_bytes
        if size > limit:
            part = "trailers have" if self.is_in_body else "head has"
            raise RequestError(
                f"the request's {part} more than {limit} bytes"
                " (GATEWAY_MAX_HEAD_BYTES); send less"
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

    @override
    def shutdown(self) -> None:
        """Let a running request finish, and one that is on its way arrive."""
        self.is_draining = True
        if self.is_idle():
            self.loop.call_later(IDLE_GRACE_S, self.close_idle)
        else:
            self.cycle.keep_alive = False

    def close_idle(self) -> None:
        """Close the connection unless a request has come."""
        if self.is_idle() and not self.transport.is_closing():
            self.transport.close()

    def is_idle(self) -> bool:
        """Tell whether no request is being answered."""
        # The cycle is None until the first request, whatever its type says.
        return getattr(self.cycle, "response_complete", True)


def to_request_error(error: httptools.HttpParserError) -> GatewayError:
    """Give the error that a callback raised, or say that it is not HTTP."""
    # The parser raises its own one, in the context of the callback's.
    cause = error.__context__
    if isinstance(cause, GatewayError):
        return cause
    return RequestError("the request is not as HTTP/1.1 has it")


def check_is_no_tunnel(method: bytes) -> None:
    """Refuse the method that asks for a connection to another server.

    Raises:
        MethodError: It is this one.
    """
    if method == b"CONNECT":
        raise MethodError(
            "CONNECT is not answered here; send GET or POST", allow="GET, POST"
        )


def check_hosts(headers: list[tuple[bytes, bytes]], http_version: str) -> None:
    """Refuse a request that does not name one host (RFC 9112, 3.2).

    Raises:
        RequestError: It names none, which only HTTP/1.0 may, or several.
    """
    hosts = sum(name == b"host" for name, _ in headers)
    if hosts > 1:
        raise RequestError(f"the request has {hosts} host headers; send one")
    if hosts == 0 and http_version == "1.1":
        raise RequestError("the request has no host header; send one")
