"""Questions to an upstream to its answers, over HTTP: patient, and bounded."""

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

from gateway.addresses import is_loopback, to_origin
from gateway.dialects.documents import parse_json
from gateway.errors import (
    BusyUpstreamError,
    DecodeError,
    SettingsError,
    UpstreamError,
)
from gateway.records import JsonValue
from gateway.upstream_settings import Upstream, UpstreamSettings
from gateway.upstreams.answers import check_status
from gateway.upstreams.failures import to_error
from gateway.upstreams.kinds import MAX_ATTEMPTS, Kind, UpstreamRequest
from gateway.upstreams.pace import Pace
from gateway.upstreams.redaction import Redaction

T = TypeVar("T")

MAX_REDIRECTS = 3
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
    """Tells of each error whether, and when, to ask again."""

    def __init__(self, name: str, attempts: int = MAX_ATTEMPTS) -> None:
        self.name = name
        self.attempts = attempts
        self.tries = 0

    def __call__(self, exc: Exception) -> bool | float:
        """Give the seconds to wait, or whether to wait as long as usual."""
        self.tries += 1
        if not isinstance(exc, BusyUpstreamError):
            return False
        if self.tries >= min(exc.attempts, self.attempts):
            return False
        logger.info("%s: %s; it is asked again", self.name, exc.message)
        return True if exc.retry_after_s is None else exc.retry_after_s


class UpstreamClient:
    """Asks one upstream, with a credential that no other host is shown."""

    def __init__(
        self, upstream: Upstream, kind: Kind, client: httpx2.AsyncClient
    ) -> None:
        settings = upstream.settings
        self.settings = settings
        self.redaction = Redaction(upstream, kind)
        self.headers = kind.to_headers(upstream.credential.get_secret_value())
        self.client = client
        self.pace = Pace(settings.requests_per_s)
        self.seats = asyncio.Semaphore(settings.concurrency)

    async def ask(
        self, request: UpstreamRequest, read: Callable[[JsonValue], T]
    ) -> T | None:
        """Ask until there is an answer, a few times.

        Args:
            request: What to ask.
            read: Reads the answer.

        Returns:
            What was read; None where there is no such thing, and that may be.

        Raises:
            UpstreamError: There is no answer, or none of the interface.
        """
        backoff = Backoff(self.settings.name, request.max_attempts)
        try:
            return await patience(backoff, self.ask_once, request, read)
        except UpstreamError as exc:
            raise UpstreamError(f"GET {request.path}: {exc.message}") from exc

    async def ask_once(
        self, request: UpstreamRequest, read: Callable[[JsonValue], T]
    ) -> T | None:
        """Ask once, when it is time.

        Raises:
            BusyUpstreamError: Another time there may be an answer.
            UpstreamError: There will be none.
        """
        async with self.seats:
            await self.pace.wait()
            try:
                body = await self.fetch(request)
            except BusyUpstreamError as exc:
                if exc.retry_after_s is not None:
                    self.pace.pause(exc.retry_after_s)
                raise
        if body is None:
            return None
        return read(to_json(self.redaction.clean(body)))

    async def fetch(self, request: UpstreamRequest) -> bytes | None:
        """Fetch an answer's body within the time it may take."""
        url = str(
            httpx2.URL(f"{self.settings.base_url}{request.path}", params=request.params)
        )
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                return await self.follow(url, may_miss=request.may_miss)
        except TimeoutError as exc:
            limit = f"{self.settings.timeout_s:g} s"
            raise BusyUpstreamError(f"there is no answer within {limit}") from exc
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as exc:
            raise to_error(exc) from exc

    async def follow(self, url: str, *, may_miss: bool) -> bytes | None:
        """Fetch what is at an address, or where its own origin says it has gone."""
        origin = to_origin(url)
        for _ in range(MAX_REDIRECTS + 1):
            async with self.client.stream("GET", url, headers=self.headers) as response:
                if not response.has_redirect_location:
                    return await self.read(response, may_miss=may_miss)
                url = str(response.url.join(response.headers["location"]))
            if to_origin(url) != origin:
                raise UpstreamError(
                    "it redirects to another host; that is not followed"
                )
        raise UpstreamError(f"it redirects more than {MAX_REDIRECTS} times")

    async def read(self, response: httpx2.Response, *, may_miss: bool) -> bytes | None:
        """Read a success, up to a limit.

        Raises:
            UpstreamError: It is none, or it is too long.
        """
        if may_miss and response.status_code == httpx2.codes.NOT_FOUND:
            return None
        check_status(response.status_code, response.headers, datetime.now(UTC))
        if response.headers.get("content-encoding", "identity") not in ENCODINGS:
            raise UpstreamError("its answer is packed in a way that was not asked for")
        check_length(response.headers.get("content-length"), self.settings)
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            check_length(str(len(body)), self.settings)
        return bytes(body)


def check_length(text: str | None, settings: UpstreamSettings) -> None:
    """Refuse an answer that is too long, or says that it will be.

    Raises:
        UpstreamError: It is.
    """
    if text is not None and int(text) > settings.max_body_bytes:
        raise UpstreamError(
            f"its answer has more than {settings.max_body_bytes} bytes; take a smaller"
            " page_size or a larger max_body_bytes"
        )


def to_json(body: bytes) -> JsonValue:
    """Parse an answer.

    Raises:
        BusyUpstreamError: It is no JSON, perhaps since its end is missing.
    """
    try:
        return parse_json(body)
    except DecodeError as exc:
        raise BusyUpstreamError("its answer is no JSON, or cut off") from exc


@asynccontextmanager
async def opened_client(
    upstream: Upstream, kind: Kind
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
        # A proxy of the environment leads to other hosts, and never to this one.
        trust_env=not is_loopback(settings.base_url),
        limits=httpx2.Limits(
            max_connections=settings.concurrency,
            max_keepalive_connections=settings.concurrency,
        ),
    ) as client:
        yield UpstreamClient(upstream, kind, client)


def to_tls(settings: UpstreamSettings) -> ssl.SSLContext:
    """Give whose certificates are trusted: the system's authorities, or a file's.

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
    """Read authorities once: it takes long, and other requests would wait."""
    if path is None:
        return httpx2.create_ssl_context()
    return ssl.create_default_context(cafile=path)
