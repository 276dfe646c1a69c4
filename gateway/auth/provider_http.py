"""Fetches the JSON documents that an identity provider publishes."""

import asyncio
from typing import Any

import httpx2
import orjson

from gateway.addresses import is_loopback
from gateway.auth.provider_urls import is_trusted
from gateway.bounded_http import read_up_to, streamed_response
from gateway.errors import UpstreamError

MAX_DOCUMENT_BYTES = 524_288
TIMEOUT_S = 5.0
# A compressed answer could be small and unpack to a very large one.
HEADERS = {"accept": "application/json", "accept-encoding": "identity"}


async def fetch_document(url: str, *, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Fetch a JSON object.

    Raises:
        UpstreamError: There is no answer in time, or it is no JSON object.
    """
    try:
        async with asyncio.timeout(timeout_s), open_client(url) as client:
            body = await fetch_body(client, url)
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as exc:
        reason = str(exc) or type(exc).__name__
        raise UpstreamError(f"{url} cannot be read: {reason}") from exc
    return parse_document(body, url)


def open_client(url: str) -> httpx2.AsyncClient:
    """Open a client that checks certificates and follows no redirects by itself.

    The environment's proxy leads to other machines, and is not for this one.
    """
    return httpx2.AsyncClient(
        timeout=TIMEOUT_S, headers=HEADERS, trust_env=not is_loopback(url)
    )


async def fetch_body(client: httpx2.AsyncClient, url: str) -> bytes:
    """Fetch what is at an address, which must be a plain success.

    Raises:
        UpstreamError: It is none, or it is too long.
    """
    async with streamed_response(client, url, may_follow=is_trusted) as response:
        url = str(response.url)
        encoding = response.headers.get("content-encoding", "identity")
        if response.status_code != httpx2.codes.OK or encoding != "identity":
            raise UpstreamError(
                f"{url} answers {response.status_code}, encoded as {encoding!r};"
                " 200 and no encoding would be right"
            )
        body = await read_up_to(response, MAX_DOCUMENT_BYTES)
    if body is None:
        raise UpstreamError(f"{url} is longer than {MAX_DOCUMENT_BYTES} bytes")
    return body


def parse_document(body: bytes, url: str) -> dict[str, Any]:
    """Parse a JSON object.

    Raises:
        UpstreamError: It is none.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise UpstreamError(f"{url} is no JSON: {exc}") from exc
    if not isinstance(document, dict):
        raise UpstreamError(f"{url} is no JSON object")
    return document
