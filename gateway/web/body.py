"""Reads the body of an HTTP request, within limits."""

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.errors import BodyTooLargeError, MediaTypeError
from gateway.web.headers import RequestHeaders

UTF_8 = frozenset({"utf-8", "utf8"})
# How much of a wrong value an error repeats.
SHOWN_CHARACTERS = 80
SEND_LESS = "send a smaller one"


def check_media_type(headers: RequestHeaders) -> None:
    """Refuse a body that is not JSON in UTF-8, uncompressed.

    Raises:
        MediaTypeError: It is of another type, charset or content encoding.
        RequestError: A header is there twice.
    """
    content_type = headers.one("content-type")
    if content_type != "application/json":
        check_content_type(content_type)
    encoding = headers.one("content-encoding") or "identity"
    if encoding.lower() != "identity":
        raise MediaTypeError(
            f"content-encoding {encoding[:SHOWN_CHARACTERS]!r} is not read; send the"
            " body as it is"
        )


def check_content_type(content_type: str | None) -> None:
    """See `check_media_type`."""
    if content_type is None:
        raise MediaTypeError("content-type is missing; send application/json")
    name, *parameters = (part.strip() for part in content_type.lower().split(";"))
    if name != "application/json":
        raise MediaTypeError(
            f"content-type {content_type[:SHOWN_CHARACTERS]!r} is not read; send"
            " application/json"
        )
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        charset = value.strip().strip('"')
        if key.strip() == "charset" and charset not in UTF_8:
            raise MediaTypeError(
                f"charset {charset[:SHOWN_CHARACTERS]!r} is not read; send UTF-8"
            )


async def read_body(receive: Receive, headers: RequestHeaders, max_bytes: int) -> bytes:
    """Read a body, and no more of it than is allowed.

    Raises:
        BodyTooLargeError: It is announced, or turns out, to be larger.
        RequestError: Its length is announced twice.
        ClientDisconnect: The client is gone.
    """
    check_announced_size(headers, max_bytes, SEND_LESS)
    chunks = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        if len(chunks) + len(chunk) > max_bytes:
            raise to_too_large_error(max_bytes, SEND_LESS)
        if not message.get("more_body", False):
            return bytes(chunks) + chunk if chunks else chunk
        chunks += chunk


def check_announced_size(headers: RequestHeaders, max_bytes: int, advice: str) -> None:
    """Refuse a body whose `content-length` is too large.

    Raises:
        BodyTooLargeError: It is; the message ends with the advice.
        RequestError: The header is there twice.
    """
    announced = headers.one("content-length") or "0"
    if len(announced) > len(str(max_bytes)) or int(announced) > max_bytes:
        raise to_too_large_error(max_bytes, advice)


def to_too_large_error(max_bytes: int, advice: str) -> BodyTooLargeError:
    """Make the error for a body that has too many bytes."""
    return BodyTooLargeError(f"the body has more than {max_bytes} bytes; {advice}")
