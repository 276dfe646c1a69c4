"""The endpoint that writes the documents in a request's body to the store."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from starlette.types import Message, Receive, Scope, Send

from gateway.arrival.batches import Destination, Tally, put_stream
from gateway.auth.scopes import check_scope
from gateway.dialects.registry import Rejection
from gateway.errors import (
    DeadlineError,
    GatewayError,
    MethodError,
    OverloadedError,
)
from gateway.settings import Settings
from gateway.web.admission import Admission
from gateway.web.exchange import Exchange, to_exchange
from gateway.web.ingest_options import check_format, parse_options
from gateway.web.refusals import log_refusal
from gateway.web.reply import Reply, to_error_reply, to_json
from gateway.web.upload import check_upload, read_upload

MAX_REJECTIONS = 100


@dataclass(slots=True, kw_only=True)
class Progress:
    """What is written of a body so far.

    Attributes:
        is_begun: Whether reading the body has begun.
        received_bytes: Of the body, packed as it may be, since time was given anew.
        rejections: Line numbers and reasons of the first rejected documents.
    """

    format_name: str
    is_begun: bool = False
    received_bytes: int = 0
    tally: Tally = field(default_factory=Tally)
    rejected: int = 0
    rejections: list[tuple[int, str]] = field(default_factory=list)

    def write(self, rejection: Rejection) -> None:
        """See `RejectionLog`; who sent the document has it."""
        self.rejected += 1
        if len(self.rejections) < MAX_REJECTIONS:
            self.rejections.append((rejection.line_number, rejection.reason))

    def to_members(self) -> dict[str, Any]:
        """Give the members of the JSON answer."""
        counts = self.tally.counts
        return {
            "read": counts.total + self.rejected,
            "new": counts.new,
            "updated": counts.updated,
            "unchanged": counts.unchanged,
            "rejected": self.rejected,
            "rejections": [
                {"line": line_number, "reason": reason}
                for line_number, reason in sorted(self.rejections)
            ],
        }


class IngestEndpoint:
    """The ASGI application at `/ingest/{format}`."""

    def __init__(self, settings: Settings) -> None:
        self.timeout_s = settings.ingest_timeout_s
        self.settings = settings.replace(request_timeout_s=self.timeout_s)
        self.admission = Admission(settings)
        self.max_bytes = settings.max_ingest_bytes
        self.least_bytes = self.timeout_s * settings.min_client_bytes_per_s
        self.max_running = settings.max_ingests
        self.max_by_account = settings.max_ingests_by_account
        self.running: Counter[str] = Counter()
        self.time_zone = ZoneInfo(settings.sharedcloud_time_zone)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        progress = Progress(format_name=scope["path_params"]["format"])
        exchange = to_exchange(scope, receive, self.settings)
        try:
            reply = await exchange.watch.in_time(self.answer(progress, exchange))
        except GatewayError as exc:
            log_refusal(exc)
            reply = self.refuse(progress, exc)
        await exchange.send(send, reply)

    async def answer(self, progress: Progress, exchange: Exchange) -> Reply:
        """Write the body, and answer with the counts of outcomes.

        Raises:
            GatewayError: It is refused, or is written in part.
            ClientDisconnect: The client is gone.
        """
        if exchange.method != "POST":
            raise MethodError(
                f"{exchange.method} is not answered here; send POST", allow="POST"
            )
        check_upload(exchange.headers, self.max_bytes)
        principal = (await self.admission.admit(exchange)).principal
        check_scope(f"/ingest/{progress.format_name}", "jobs:write", principal)
        context = parse_options(exchange.query_string, principal, self.time_zone)
        check_format(progress.format_name, context)
        destination = Destination(
            database=exchange.resources.database,
            account=principal.account,
            project_id=principal.project_id,
            rejections=progress,
        )
        with self.counted(principal.own_account or principal.account):
            progress.is_begun = True
            fetch = self.to_fetch(progress, exchange)
            name, tally = progress.format_name, progress.tally
            await put_stream(destination, name, context, fetch, tally)
        return Reply(status=HTTPStatus.OK, body=to_json(progress.to_members()))

    @contextmanager
    def counted(self, account: str) -> Iterator[None]:
        """Within the block, count a body of an account as being read.

        Args:
            account: The credential's own one, whichever it names.

        Raises:
            OverloadedError: Too many are being read.
        """
        if self.running[account] >= self.max_by_account:
            raise OverloadedError(
                f"{self.running[account]} bodies of the account are being taken already"
                " (GATEWAY_MAX_INGESTS_BY_ACCOUNT); try again later"
            )
        if self.running.total() >= self.max_running:
            raise OverloadedError(
                f"{self.running.total()} bodies are being taken already"
                " (GATEWAY_MAX_INGESTS); try again later"
            )
        self.running[account] += 1
        try:
            yield
        finally:
            self.running[account] -= 1
            self.running += Counter()  # drops who has none

    def to_fetch(
        self, progress: Progress, exchange: Exchange
    ) -> Callable[[], Awaitable[bytes]]:
        """Give what reads chunks; enough of them, or a batch, extend the time."""
        extend = partial(self.extend, progress, exchange.watch.limit)
        progress.tally.show = extend

        async def receive() -> Message:
            message = await exchange.receive()
            progress.received_bytes += len(message.get("body", b""))
            is_last = not message.get("more_body", False)
            if is_last or progress.received_bytes >= self.least_bytes:
                extend()
            return message

        chunks = read_upload(receive, exchange.headers, self.max_bytes)
        return lambda: anext(chunks, b"")

    def extend(self, progress: Progress, limit: asyncio.Timeout) -> None:
        """Start the timeout, and the count of bytes, anew after progress."""
        progress.received_bytes = 0
        if not limit.expired():
            now_s = asyncio.get_running_loop().time()
            limit.reschedule(now_s + self.timeout_s)

    def refuse(self, progress: Progress, error: GatewayError) -> Reply:
        """Answer with an error, and the counts of outcomes until then."""
        if isinstance(error, DeadlineError):
            error = DeadlineError(
                f"nothing came, or could be written, for {self.timeout_s:g} s"
                f" (GATEWAY_INGEST_TIMEOUT_S), or less than {self.least_bytes:g} bytes"
                " (GATEWAY_MIN_CLIENT_BYTES_PER_S); what was written stays, send the"
                " body again"
            )
        reply = to_error_reply(error)
        if not progress.is_begun:
            return reply
        body = to_json(orjson.loads(reply.body) | progress.to_members())
        return replace(reply, body=body)
