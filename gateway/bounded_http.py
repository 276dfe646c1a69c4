"""GET over HTTP, bounded: redirects stay on their origin, and bodies have a limit."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import httpx2

from gateway.addresses import to_origin
from gateway.errors import UpstreamError

MAX_REDIRECTS = 3


@asynccontextmanager
async def streamed_response(
    client: httpx2.AsyncClient,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    may_follow: Callable[[str], bool] = bool,
    name: str | None = None,
) -> AsyncIterator[httpx2.Response]:
    """Within the block, stream what is at an address, or where its origin moved it.

    Args:
        client: Must not follow redirects by itself.
        url: The address.
        headers: Sent along, to this origin alone.
        may_follow: Further restricts redirects, by their target.
        name: What errors call the server; None: the address.

    Raises:
        UpstreamError: It redirects elsewhere, or too often.
    """
    origin = to_origin(url)
    for _ in range(MAX_REDIRECTS + 1):
        async with client.stream("GET", url, headers=headers) as response:
            if not response.has_redirect_location:
                yield response
                return
            target = str(response.url.join(response.headers["location"]))
        if not may_follow(target) or to_origin(target) != origin:
            raise UpstreamError(
                f"{name or url} redirects to another host; that is not followed"
            )
        url = target
    raise UpstreamError(f"{name or url} redirects more than {MAX_REDIRECTS} times")


async def read_up_to(response: httpx2.Response, max_bytes: int) -> bytes | None:
    """Read a body, unpacked; None where it is longer, or says that it will be."""
    if int(response.headers.get("content-length", 0)) > max_bytes:
        return None
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            return None
    return bytes(body)
