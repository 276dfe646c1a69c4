"""Around every answer: request id, security headers, a log line, the last resort."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import GatewayError, OverloadedError, UnexpectedError
from gateway.web.reply import Reply, send_reply
from gateway.web.request_id import current_request_id, to_request_id

# Of answers that are data: no page may be made of them, frame them, or embed them. What
# is a page says itself what it needs.
SECURITY_HEADERS: Mapping[bytes, bytes] = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}

# Writes an error in the manner of a path.
Refuse = Callable[[str, GatewayError], Reply]

logger = logging.getLogger(__name__)


class RequestFrame:
    """ASGI middleware; the outermost, so that no answer escapes it.

    Args:
        app: What answers.
        refuse: Writes an error in the manner of the path that was asked for.
        hsts_s: How long browsers shall come by https alone; 0 does not say so.
    """

    def __init__(self, app: ASGIApp, *, refuse: Refuse, hsts_s: int = 0) -> None:
        self.app = app
        self.refuse = refuse
        https = {b"strict-transport-security": b"max-age=%d" % hsts_s}
        self.security = {**SECURITY_HEADERS, **(https if hsts_s else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = to_request_id(scope["headers"])
        current_request_id.set(request_id)
        framed = FramedSend(send, request_id, self.security)
        started = perf_counter()
        try:
            await self.app(scope, receive, framed)
        except ClientDisconnect:
            logger.info("the client went before it was answered")
        except asyncio.CancelledError:
            # Only a shutdown that waited long enough cancels from outside.
            error = OverloadedError("the gateway is shutting down; retry")
            await framed.finish(self.refuse(scope["path"], error))
        except Exception:
            logger.exception("unexpected error")
            await framed.finish(self.refuse(scope["path"], UnexpectedError(request_id)))
        log_request(scope, framed.status, perf_counter() - started)


class FramedSend:
    """Sends an answer with the headers that all have.

    Attributes:
        status: Of the answer; None until it began.
    """

    def __init__(
        self, send: Send, request_id: str, security: Mapping[bytes, bytes]
    ) -> None:
        self.send = send
        self.request_id = request_id
        self.security = security
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        """Send one message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            names = {name for name, _ in headers}
            headers += [each for each in self.security.items() if each[0] not in names]
            headers.append((b"x-request-id", self.request_id.encode("ascii")))
            message["headers"] = headers
        await self.send(message)

    async def finish(self, reply: Reply) -> None:
        """Send a reply where none was begun."""
        if self.status is None:
            await send_reply(self, reply)


def log_request(scope: Scope, status: int | None, elapsed_s: float) -> None:
    """Write one line about a request; never its query string, which is data."""
    if logger.isEnabledFor(logging.DEBUG):
        method, path, elapsed_ms = scope["method"], scope["path"], elapsed_s * 1000
        logger.debug(
            "%s %s %s in %.1f ms",
            method,
            path,
            status,
            elapsed_ms,
            extra={
                "method": method,
                "path": path,
                "status": status,
                "elapsed_ms": round(elapsed_ms, 1),
            },
        )
