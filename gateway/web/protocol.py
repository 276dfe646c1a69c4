"""HTTP connections that lose no request at shutdown, with a limit on header size."""

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# A request may be in transit on an idle connection: it has this long to arrive.
IDLE_GRACE_S = 0.5
# Of request line and headers; uvicorn itself has no limit.
MAX_HEAD_BYTES = 65_536


class GatewayProtocol(HttpToolsProtocol):
    """One client connection.

    Attributes:
        is_draining: Whether the server is shutting down.
        is_in_head: Whether a request's headers are still arriving.
    """

    is_draining = False
    is_in_head = False
    head_bytes = 0

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.is_in_head and not self.transport.is_closing():
            self.head_bytes += len(data)
            if self.head_bytes > MAX_HEAD_BYTES:
                self.send_400_response(
                    f"the request's head has more than {MAX_HEAD_BYTES} bytes"
                )

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.is_in_head = True
        self.head_bytes = 0

    @override
    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.is_in_head = False
        if self.is_draining:
            self.cycle.keep_alive = False

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
