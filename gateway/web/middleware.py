"""Around every answer: request id, security headers, a log line, the last resort."""

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

# The statuses whose answers may say how to come again.
CHALLENGING = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
# What a log line or a header can carry unquoted, and a client can hardly abuse.
ACCEPTED = re.compile(rb"[A-Za-z0-9._:-]{1,128}")

logger = logging.getLogger(__name__)


class RequestFrame:
    """ASGI middleware; the outermost, so that no answer escapes it.

    Args:
        app: What answers.
        refuse: Writes an error in the manner of the path that was asked for.
        settings: Say how browsers shall come, and where the gateway is.
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
        request_id = to_request_id(scope["headers"])
        current_request_id.set(request_id)
        framed = FramedSend(send, scope, request_id, self)
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
        if logger.isEnabledFor(logging.DEBUG):
            log_request(scope, framed.status, perf_counter() - started)


class FramedSend:
    """Sends an answer with the headers that all have.

    Attributes:
        status: Of the answer; None until it began.
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
        """Send one message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            names = {name for name, _ in headers}
            security = self.frame.security.items()
            headers += [each for each in security if each[0] not in names]
            headers.append((b"x-request-id", self.request_id.encode("ascii")))
            message["headers"] = headers
            if self.status in CHALLENGING:
                add_metadata_url(message, self.scope, self.frame.public_url)
        await self.send(message)

    async def finish(self, reply: Reply) -> None:
        """Send a reply where none was begun."""
        if self.status is None:
            await send_reply(self, reply)


def to_request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Take the client's `x-request-id` where it is a plain word, or make one."""
    for name, value in headers:
        if name == b"x-request-id" and ACCEPTED.fullmatch(value):
            return value.decode("ascii")
    return uuid4().hex


def log_request(scope: Scope, status: int | None, elapsed_s: float) -> None:
    """Write one line about a request; never its query string, which is data."""
    facts = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "elapsed_ms": round(elapsed_s * 1000, 1),
    }
    logger.debug("%s %s %s in %.1f ms", *facts.values(), extra=facts)
