"""A request's stream to chunks of a body of any length: bounded, and unpacked."""

import zlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.errors import BodyTooLargeError, MediaTypeError, RequestError
from gateway.web.headers import RequestHeaders

# A form, or a script of another site that does not ask first, can send none of them.
MEDIA_TYPES = (
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/octet-stream",
)
PACKED = frozenset({"gzip", "x-gzip"})
PIECE_BYTES = 262_144
# With the head and the end of gzip.
GZIP_BITS = 16 + zlib.MAX_WBITS
SHOWN_CHARACTERS = 80


def check_upload(headers: RequestHeaders, max_bytes: int) -> None:
    """Refuse a body that will not be read, before any of it is.

    Raises:
        MediaTypeError: It is of another media type or content encoding.
        BodyTooLargeError: It is announced to be larger.
        RequestError: A header that says so is there twice.
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
    announced = headers.one("content-length") or "0"
    if len(announced) > len(str(max_bytes)) or int(announced) > max_bytes:
        raise to_too_large(max_bytes)


def read_upload(
    receive: Receive, headers: RequestHeaders, max_bytes: int
) -> AsyncIterator[bytes]:
    """Give the chunks of a body, none of them empty.

    Raises:
        BodyTooLargeError: There are more bytes than allowed, packed or unpacked.
        RequestError: The gzip data is broken, or ends early.
        ClientDisconnect: The client is gone.
    """
    chunks = limit(receive_chunks(receive), max_bytes)
    if (headers.one("content-encoding") or "").lower() not in PACKED:
        return chunks
    return limit(unpack(chunks), max_bytes)


async def receive_chunks(receive: Receive) -> AsyncIterator[bytes]:
    """Give the chunks as they come."""
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        has_more = message.get("more_body", False)
        if chunk := message.get("body", b""):
            yield chunk


async def limit(chunks: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[bytes]:
    """Give chunks as long as there are not too many bytes."""
    left_bytes = max_bytes
    async for chunk in chunks:
        left_bytes -= len(chunk)
        if left_bytes < 0:
            raise to_too_large(max_bytes)
        yield chunk


async def unpack(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Unpack gzip data, which may be several files one after the other.

    Raises:
        RequestError: It is broken, or ends early.
    """
    unpacker = None
    async for packed in chunks:
        rest, piece = packed, b""
        while rest or piece:
            if unpacker is None or (unpacker.eof and rest):
                unpacker = zlib.decompressobj(GZIP_BITS)
            try:
                # Little data can unpack to very much.
                piece = unpacker.decompress(rest, PIECE_BYTES)
            except zlib.error as exc:
                raise RequestError(f"the gzip data is broken: {exc}") from exc
            rest = unpacker.unused_data or unpacker.unconsumed_tail
            if piece:
                yield piece
    if unpacker is not None and not unpacker.eof:
        raise RequestError("the gzip data ends early; send all of it")


def to_too_large(max_bytes: int) -> BodyTooLargeError:
    """Say how large a body may be."""
    return BodyTooLargeError(
        f"the body has more than {max_bytes} bytes; send it in parts"
    )
