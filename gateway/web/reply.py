"""Answers and errors to HTTP replies."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Send

from gateway.errors import GatewayError, MethodError, OverloadedError

__all__ = [
    "MediaType",
    "Reply",
    "send_reply",
    "to_error_body",
    "to_error_reply",
    "to_json",
    "to_reply",
    "to_response",
]

CHALLENGES = (
    b"www-authenticate",
    b'Bearer realm="job-gateway", ApiKey realm="job-gateway"',
)

RawHeaders = Sequence[tuple[bytes, bytes]]


class MediaType(Enum):
    """The media types of a GraphQL answer; the value is the header's."""

    JSON = b"application/json"
    # Its status tells whether the document was executed:
    # https://graphql.github.io/graphql-over-http/draft/
    GRAPHQL = b"application/graphql-response+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole HTTP answer."""

    status: int
    body: bytes
    media_type: MediaType = MediaType.JSON
    headers: RawHeaders = ()


async def send_reply(send: Send, reply: Reply) -> None:
    """Send a reply in one piece."""
    headers = [
        (b"content-type", reply.media_type.value + b"; charset=utf-8"),
        (b"content-length", b"%d" % len(reply.body)),
        (b"cache-control", b"no-store"),
        *reply.headers,
    ]
    await send(
        {"type": "http.response.start", "status": reply.status, "headers": headers}
    )
    await send({"type": "http.response.body", "body": reply.body})


def to_json(value: Any) -> bytes:  # noqa: ANN401 -- whatever JSON can say
    """Encode JSON, instants in RFC 3339 with `Z`."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def to_reply(
    payload: dict[str, Any],
    status: int,
    media_type: MediaType,
    *,
    retry_after_s: int | None = None,
) -> Reply:
    """Encode the answer to an operation.

    In `application/json` a refused document is a success of HTTP, so that clients and
    intermediaries older than the other media type keep the body.
    """
    is_refused_document = (
        status == HTTPStatus.BAD_REQUEST and media_type is MediaType.JSON
    )
    return Reply(
        status=HTTPStatus.OK if is_refused_document else status,
        body=to_json(payload),
        media_type=media_type,
        headers=to_headers(status, allow="POST", retry_after_s=retry_after_s),
    )


def to_error_reply(
    error: GatewayError, media_type: MediaType = MediaType.JSON
) -> Reply:
    """Encode an error that refuses the request as a whole."""
    return Reply(
        status=error.status,
        body=to_error_body(error),
        media_type=media_type,
        headers=to_headers(
            error.status,
            allow=error.allow if isinstance(error, MethodError) else "",
            retry_after_s=(
                error.retry_after_s if isinstance(error, OverloadedError) else None
            ),
        ),
    )


def to_response(error: GatewayError) -> Response:
    """Encode an error for Starlette's own routes."""
    reply = to_error_reply(error)
    response = Response(reply.body, reply.status, media_type="application/json")
    response.raw_headers.extend(reply.headers)
    return response


def to_error_body(error: GatewayError, *, request_id: str | None = None) -> bytes:
    """Encode an error as a GraphQL answer without data."""
    extensions: dict[str, str] = {"code": error.code.value}
    if request_id is not None:
        extensions["requestId"] = request_id
    return to_json({"errors": [{"message": error.message, "extensions": extensions}]})


def to_headers(status: int, *, allow: str, retry_after_s: int | None) -> RawHeaders:
    """Say with headers what the client can do about a status."""
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return (CHALLENGES,)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return ((b"allow", allow.encode("ascii")),)
        case _ if retry_after_s is None:
            return ()
        case _:
            return ((b"retry-after", b"%d" % retry_after_s),)
