"""Streams the body of an upload of any length, unpacked and within limits."""

import zlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.errors import MediaTypeError, RequestError
from gateway.web.body import (
    SHOWN_CHARACTERS,
    check_announced_size,
    to_too_large_error,
)
from gateway.web.headers import RequestHeaders

# Forms, and scripts of other sites without a CORS preflight, can send none of them.
MEDIA_TYPES = (
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/octet-stream",
)
PACKED = frozenset({"gzip", "x-gzip"})
PIECE_BYTES = 262_144
# Expect the header and trailer of gzip.
GZIP_BITS = 16 + zlib.MAX_WBITS
SEND_IN_PARTS = "send it in parts"


def check_upload(headers: RequestHeaders, max_bytes: int) -> None:
    """Refuse a body by its headers, before any of it is read.

    Raises:
        MediaTypeError: It is of another media type or content encoding.
        BodyTooLargeError: It is announced to be larger.
        RequestError: A header is there twice.
    """
    content_type = headers.one("content-type") or ""
    if content_type.partition(";")[0].strip().lower() not in MEDIA_TYPES:
        found = repr(content_type[:SHOWN_CHARACTERS]) if content_type else "missing"
        raise MediaTypeError(
            f"content-type is {found}; right are {', '.join(MEDIA_TYPES)}"
        )
    encoding = (headers.one("content-encoding") or "identity").lower()
    if encoding != "identity" and encoding not in PACKED:
        raise MediaTypeError(
            f"content-encoding {encoding[:SHOWN_CHARACTERS]!r} is not read; send the"
            " body as it is, or gzip"
        )
    check_announced_size(headers, max_bytes, SEND_IN_PARTS)


def read_upload(
    receive: Receive, headers: RequestHeaders, max_bytes: int
) -> AsyncIterator[bytes]:
    """Stream the chunks of a body, none of them empty.

    Raises:
        BodyTooLargeError: There are more bytes than allowed, packed or unpacked.
        RequestError: The gzip data is broken, or ends early.
        ClientDisconnect: The client is gone.
    """
    chunks = limit(receive_chunks(receive), max_bytes)
    if (headers.one("content-encoding") or "").lower() not in PACKED:
        return chunks
    return limit(decompress(chunks), max_bytes)


async def receive_chunks(receive: Receive) -> AsyncIterator[bytes]:
    """Stream the chunks of ASGI messages."""
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        has_more = message.get("more_body", False)
        if chunk := message.get("body", b""):
            yield chunk


async def limit(chunks: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[bytes]:
    """Pass chunks on, up to a limit of their bytes."""
    left_bytes = max_bytes
    async for chunk in chunks:
        left_bytes -= len(chunk)
        if left_bytes < 0:
            raise to_too_large_error(max_bytes, SEND_IN_PARTS)
        yield chunk


async def decompress(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Decompress gzip data, which may have several members.

    Raises:
        RequestError: It is broken, or ends early.
    """
    decompressor = None
    async for packed in chunks:
        rest, piece = packed, b""
        while rest or piece:
            if decompressor is None or (decompressor.eof and rest):
                decompressor = zlib.decompressobj(GZIP_BITS)
            try:
                # Bounded, because little data can decompress to very much.
                piece = decompressor.decompress(rest, PIECE_BYTES)
            except zlib.error as exc:
                raise RequestError(f"the gzip data is broken: {exc}") from exc
            rest = decompressor.unused_data or decompressor.unconsumed_tail
            if piece:
                yield piece
    if decompressor is not None and not decompressor.eof:
        raise RequestError("the gzip data ends early; send all of it")
