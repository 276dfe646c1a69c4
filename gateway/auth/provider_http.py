"""Addresses at an identity provider to the JSON documents that are there."""

import asyncio
from typing import Any

import httpx2
import orjson

from gateway.addresses import is_loopback, to_origin
from gateway.auth.provider_urls import is_trusted
from gateway.errors import UpstreamError

MAX_DOCUMENT_BYTES = 524_288
MAX_REDIRECTS = 3
TIMEOUT_S = 5.0
# A small answer that unpacks to a large one is not taken.
HEADERS = {"accept": "application/json", "accept-encoding": "identity"}


async def fetch_document(url: str, *, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Fetch a JSON object.

    Raises:
        UpstreamError: Nobody answers in time, or the answer is something else.
    """
    try:
        async with asyncio.timeout(timeout_s), open_client(url) as client:
            body = await fetch_body(client, url)
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as exc:
        reason = str(exc) or type(exc).__name__
        raise UpstreamError(f"{url} cannot be read: {reason}") from exc
    return to_document(body, url)


def open_client(url: str) -> httpx2.AsyncClient:
    """Make a client that checks certificates and follows nothing by itself.

    A proxy of the environment leads to other hosts, and never to this one.
    """
    return httpx2.AsyncClient(
        timeout=TIMEOUT_S, headers=HEADERS, trust_env=not is_loopback(url)
    )


async def fetch_body(client: httpx2.AsyncClient, url: str) -> bytes:
    """Fetch what is at an address, or where its own host says it has gone."""
    for _ in range(MAX_REDIRECTS + 1):
        async with client.stream("GET", url) as response:
            if not response.has_redirect_location:
                return await read_body(response, url)
            url = to_target(response, url)
    raise UpstreamError(f"{url} redirects more than {MAX_REDIRECTS} times")


def to_target(response: httpx2.Response, url: str) -> str:
    """Give where a redirect leads.

    Raises:
        UpstreamError: It leads to another host.
    """
    target = str(response.url.join(response.headers["location"]))
    if not is_trusted(target) or to_origin(target) != to_origin(url):
        raise UpstreamError(f"{url} redirects to another host, which is not followed")
    return target


async def read_body(response: httpx2.Response, url: str) -> bytes:
    """Read an answer that must be a plain success, up to a limit.

    Raises:
        UpstreamError: It is none, or it is too long.
    """
    encoding = response.headers.get("content-encoding", "identity")
    if response.status_code != httpx2.codes.OK or encoding != "identity":
        raise UpstreamError(
            f"{url} answers {response.status_code}, encoded as {encoding!r};"
            " 200 and no encoding would be right"
        )
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_DOCUMENT_BYTES:
            raise UpstreamError(f"{url} is longer than {MAX_DOCUMENT_BYTES} bytes")
    return bytes(body)


def to_document(body: bytes, url: str) -> dict[str, Any]:
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
