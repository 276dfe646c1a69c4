"""Middleware around every request: request id, security headers, log, last handler."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from time import perf_counter
from uuid import uuid4

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import GatewayError, OverloadedError, UnexpectedError
from gateway.request_id import current_request_id
from gateway.settings import Settings
from gateway.web.reply import Reply, send_reply
from gateway.web.resource_metadata import add_metadata_url

# For data: browsers must not render, frame or embed it. Pages set headers of their own,
# which are kept.
SECURITY_HEADERS: Mapping[bytes, bytes] = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}

# Makes the reply for an error, in the format of the API that a path belongs to.
Refuse = Callable[[str, GatewayError], Reply]

# The statuses whose replies may have a challenge, `WWW-Authenticate`.
CHALLENGED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
# Safe in a header and in a log line without quotes.
REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")

logger = logging.getLogger(__name__)


class RequestFrame:
    """The outermost ASGI middleware, which every response passes.

    Args:
        app: The application.
        refuse: Makes the reply for an error that the application did not handle.
        settings: Give `hsts_s` and the public URL.
    """

    def __init__(self, app: ASGIApp, *, refuse: Refuse, settings: Settings) -> None:
        self.app = app
        self.refuse = refuse
        self.public_url = settings.public_url
        https = {b"strict-transport-security": b"max-age=%d" % settings.hsts_s}
        self.security = {**SECURITY_HEADERS, **(https if settings.hsts_s else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = choose_request_id(scope["headers"])
        current_request_id.set(request_id)
        framed = FramedSend(send, scope, request_id, self)
        started = perf_counter()
        try:
            await self.app(scope, receive, framed)
        except ClientDisconnect:
            logger.info("the client went before it was answered")
        except asyncio.CancelledError:
            # Only a shutdown cancels a request, after its grace period.
            error = OverloadedError("the gateway is shutting down; retry")
            await framed.finish(self.refuse(scope["path"], error))
        except Exception:
            logger.exception("unexpected error")
            await framed.finish(self.refuse(scope["path"], UnexpectedError(request_id)))
        if logger.isEnabledFor(logging.DEBUG):
            log_request(scope, framed.status, perf_counter() - started)


class FramedSend:
    """Sends a response, with the headers that all responses have.

    Attributes:
        status: The response's; None until it has started.
    """

    def __init__(
        self, send: Send, scope: Scope, request_id: str, frame: RequestFrame
    ) -> None:
        self.send = send
        self.scope = scope
        self.request_id = request_id
        self.frame = frame
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        """Send one ASGI message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            names = {name for name, _ in headers}
            security = self.frame.security.items()
            headers += [each for each in security if each[0] not in names]
            headers.append((b"x-request-id", self.request_id.encode("ascii")))
            message["headers"] = headers
            if self.status in CHALLENGED:
                add_metadata_url(message, self.scope, self.frame.public_url)
        await self.send(message)

    async def finish(self, reply: Reply) -> None:
        """Send a reply unless the response has started."""
        if self.status is None:
            await send_reply(self, reply)


def choose_request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Take the client's `x-request-id` if it is safe to repeat, or make one."""
    for name, value in headers:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return value.decode("ascii")
    return uuid4().hex


def log_request(scope: Scope, status: int | None, elapsed_s: float) -> None:
    """Log one line about a request, without its query string, which may be private."""
    facts = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "elapsed_ms": round(elapsed_s * 1000, 1),
    }
    logger.debug("%s %s %s in %.1f ms", *facts.values(), extra=facts)
