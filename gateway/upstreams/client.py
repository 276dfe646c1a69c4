"""Fetches from an upstream over HTTP, with retries, timeouts and limits."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import httpx2
import stamina

from gateway.addresses import is_loopback
from gateway.bounded_http import read_up_to, streamed_response
from gateway.dialects.documents import parse_json
from gateway.errors import (
    BusyUpstreamError,
    DecodeError,
    SettingsError,
    UpstreamError,
)
from gateway.records import JsonValue
from gateway.upstream_settings import ConfiguredUpstream, UpstreamSettings
from gateway.upstreams.answers import check_status
from gateway.upstreams.failures import to_upstream_error
from gateway.upstreams.kinds import MAX_ATTEMPTS, Kind, UpstreamRequest
from gateway.upstreams.pace import Pace
from gateway.upstreams.redaction import Redaction

T = TypeVar("T")

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
ENCODINGS = frozenset({"identity", "gzip"})

logger = logging.getLogger(__name__)
patience = stamina.AsyncRetryingCaller(
    attempts=MAX_ATTEMPTS,
    timeout=None,
    wait_initial=0.1,
    wait_max=30.0,
    wait_jitter=0.3,
)


class Backoff:
    """Decides after each error whether, and when, to try again."""

    def __init__(self, name: str, max_attempts: int = MAX_ATTEMPTS) -> None:
        self.name = name
        self.max_attempts = max_attempts
        self.tries = 0

    def __call__(self, exc: Exception) -> bool | float:
        """Give the seconds to wait; True: as usual, False: do not try again."""
        self.tries += 1
        if not isinstance(exc, BusyUpstreamError):
            return False
        if self.tries >= min(exc.attempts, self.max_attempts):
            return False
        logger.info("%s: %s; it is asked again", self.name, exc.message)
        return True if exc.retry_after_s is None else exc.retry_after_s


class UpstreamClient:
    """Fetches from one upstream, with a credential that no other host is sent."""

    def __init__(
        self, upstream: ConfiguredUpstream, kind: Kind, client: httpx2.AsyncClient
    ) -> None:
        self.kind = kind
        self.settings = settings = upstream.settings
        self.redaction = Redaction(upstream, kind)
        self.headers = kind.to_headers(upstream.credential.get_secret_value())
        self.client = client
        self.pace = Pace(settings.requests_per_s)
        self.slots = asyncio.Semaphore(settings.concurrency)

    async def fetch(
        self, request: UpstreamRequest, parse: Callable[[JsonValue], T]
    ) -> T | None:
        """Fetch and parse an answer, trying again after transient failures.

        Args:
            request: What to fetch.
            parse: Parses the answer.

        Returns:
            What was parsed; None where the answer is 404, and may be.

        Raises:
            UpstreamError: There is no answer, or it is malformed.
        """
        backoff = Backoff(self.settings.name, request.max_attempts)
        try:
            return await patience(backoff, self.fetch_once, request, parse)
        except UpstreamError as exc:
            raise UpstreamError(f"GET {request.path}: {exc.message}") from exc

    async def fetch_once(
        self, request: UpstreamRequest, parse: Callable[[JsonValue], T]
    ) -> T | None:
        """Fetch and parse an answer once, at the pace that is set.

        Raises:
            BusyUpstreamError: A later attempt may succeed.
            UpstreamError: None will.
        """
        async with self.slots:
            await self.pace.wait()
            try:
                body = await self.fetch_in_time(request)
            except BusyUpstreamError as exc:
                if exc.retry_after_s is not None:
                    self.pace.pause(exc.retry_after_s)
                raise
        if body is None:
            return None
        return parse(parse_answer(self.redaction.clean(body)))

    async def fetch_in_time(self, request: UpstreamRequest) -> bytes | None:
        """Fetch an answer's body within `timeout_s`."""
        url = str(
            httpx2.URL(f"{self.settings.base_url}{request.path}", params=request.params)
        )
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                return await self.fetch_body(url, may_miss=request.may_miss)
        except TimeoutError as exc:
            limit = f"{self.settings.timeout_s:g} s"
            raise BusyUpstreamError(f"there is no answer within {limit}") from exc
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as exc:
            raise to_upstream_error(exc) from exc

    async def fetch_body(self, url: str, *, may_miss: bool) -> bytes | None:
        """Fetch what is at an address; None where it is missing, and may be.

        Raises:
            UpstreamError: The answer is no success, or too long.
        """
        async with streamed_response(
            self.client, url, headers=self.headers, name="it"
        ) as response:
            if may_miss and response.status_code == httpx2.codes.NOT_FOUND:
                return None
            check_status(response.status_code, response.headers, datetime.now(UTC))
            if response.headers.get("content-encoding", "identity") not in ENCODINGS:
                raise UpstreamError(
                    "its answer is packed in a way that was not asked for"
                )
            max_bytes = self.settings.max_body_bytes
            body = await read_up_to(response, max_bytes)
        if body is None:
            raise UpstreamError(
                f"its answer has more than {max_bytes} bytes; take a smaller page_size"
                " or a larger max_body_bytes"
            )
        return body


def parse_answer(body: bytes) -> JsonValue:
    """Parse an answer.

    Raises:
        BusyUpstreamError: It is no JSON, perhaps because its end is missing.
    """
    try:
        return parse_json(body)
    except DecodeError as exc:
        raise BusyUpstreamError("its answer is no JSON, or cut off") from exc


@asynccontextmanager
async def opened_client(
    upstream: ConfiguredUpstream, kind: Kind
) -> AsyncIterator[UpstreamClient]:
    """Open the client of an upstream for the length of a block.

    Raises:
        SettingsError: The file of authorities cannot be read.
    """
    settings = upstream.settings
    async with httpx2.AsyncClient(
        verify=to_tls(settings),
        timeout=httpx2.Timeout(
            min(READ_TIMEOUT_S, settings.timeout_s),
            connect=min(CONNECT_TIMEOUT_S, settings.timeout_s),
            pool=None,
        ),
        headers={
            "accept": "application/json",
            "accept-encoding": "gzip",
            "user-agent": f"job-gateway/{version('job-gateway')}",
        },
        # The environment's proxy leads to other machines, and is not for this one.
        trust_env=not is_loopback(settings.base_url),
        limits=httpx2.Limits(
            max_connections=settings.concurrency,
            max_keepalive_connections=settings.concurrency,
        ),
    ) as client:
        yield UpstreamClient(upstream, kind, client)


def to_tls(settings: UpstreamSettings) -> ssl.SSLContext:
    """Give the TLS settings: trust the system's authorities, or a file's.

    Raises:
        SettingsError: The file cannot be read.
    """
    try:
        return read_authorities(settings.ca_file)
    except OSError as exc:
        raise SettingsError(
            f"upstream {settings.name!r}: ca_file {settings.ca_file} cannot be read:"
            f" {exc.strerror or exc}"
        ) from exc


@lru_cache(maxsize=16)
def read_authorities(path: Path | None) -> ssl.SSLContext:
    """Read authorities once: it takes long, and blocks the event loop."""
    if path is None:
        return httpx2.create_ssl_context()
    return ssl.create_default_context(cafile=path)
