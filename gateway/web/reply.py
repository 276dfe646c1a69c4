"""Answers and errors to HTTP replies."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Send

from gateway.errors import (
    ForbiddenError,
    GatewayError,
    MethodError,
    MissingCredentialError,
    OverloadedError,
    RateLimitedError,
)
from gateway.schema.operations import Answer

# `web.resource_metadata` adds where the gateway describes itself (RFC 9728).
CHALLENGE = b"www-authenticate"
BEARER = b'Bearer realm="job-gateway"'
API_KEY = b'ApiKey realm="job-gateway"'
INSUFFICIENT = b'%s, error="insufficient_scope", scope="%s"'

RawHeaders = Sequence[tuple[bytes, bytes]]


class MediaType(Enum):
    """The media types of answers; the value is the header's."""

    JSON = b"application/json"
    TEXT = b"text/plain"
    # Its status tells whether the document was executed:
    # https://graphql.github.io/graphql-over-http/draft/
    GRAPHQL = b"application/graphql-response+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer.

    Attributes:
        body: All of it, or what is known by now.
        rest: The pieces that follow, of an answer that is too large to be held.
    """

    status: int
    body: bytes
    media_type: MediaType = MediaType.JSON
    headers: RawHeaders = ()
    rest: AsyncIterator[bytes] | None = None


async def send_reply(send: Send, reply: Reply) -> None:
    """Send a reply, up to its rest."""
    is_whole = reply.rest is None
    headers = [
        (b"content-type", reply.media_type.value + b"; charset=utf-8"),
        (b"cache-control", b"no-store"),
        *reply.headers,
    ]
    if is_whole:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    await send(
        {"type": "http.response.start", "status": reply.status, "headers": headers}
    )
    await send_piece(send, reply.body, is_last=is_whole)


async def send_piece(send: Send, piece: bytes, *, is_last: bool) -> None:
    """Send a piece of a reply."""
    await send({"type": "http.response.body", "body": piece, "more_body": not is_last})


def to_json(value: Any) -> bytes:  # noqa: ANN401 -- whatever JSON can say
    """Encode JSON, instants in RFC 3339 with `Z`."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def to_reply(answer: Answer, media_type: MediaType) -> Reply:
    """Encode the answer to an operation.

    In `application/json` a refused document is a success of HTTP, so that clients and
    intermediaries older than the other media type keep the body.
    """
    status, body = answer.status, to_json(answer.payload)
    if status == HTTPStatus.OK:
        return Reply(status=status, body=body, media_type=media_type)
    is_refused_document = (
        status == HTTPStatus.BAD_REQUEST and media_type is MediaType.JSON
    )
    return Reply(
        status=HTTPStatus.OK if is_refused_document else status,
        body=body,
        media_type=media_type,
        headers=to_headers(
            status,
            allow="POST",
            retry_after_s=answer.retry_after_s,
            scopes=to_required_scopes(answer.payload),
        ),
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
                error.retry_after_s
                if isinstance(error, OverloadedError | RateLimitedError)
                else None
            ),
            scopes=error.scopes if isinstance(error, ForbiddenError) else (),
            is_refused=not isinstance(error, MissingCredentialError),
        ),
    )


def to_response(error: GatewayError) -> Response:
    """Encode an error for Starlette's own routes."""
    return wrap(to_error_reply(error))


def wrap(reply: Reply) -> Response:
    """Give a reply of JSON as Starlette's own routes do."""
    response = Response(reply.body, reply.status, media_type="application/json")
    response.raw_headers.extend(reply.headers)
    return response


def to_error_body(error: GatewayError) -> bytes:
    """Encode an error as a GraphQL answer without data."""
    entry = {"message": error.message, "extensions": error.extensions}
    return to_json({"errors": [entry]})


def to_headers(
    status: int,
    *,
    allow: str,
    retry_after_s: int | None,
    scopes: Sequence[str],
    is_refused: bool = False,
) -> RawHeaders:
    """Say with headers what the client can do about a status (RFC 6750, section 3).

    Args:
        status: Of the answer.
        allow: Methods that are answered.
        retry_after_s: When to try again.
        scopes: What a request needs that came without all of them.
        is_refused: Whether there was a credential, which does not hold.
    """
    match status:
        case HTTPStatus.UNAUTHORIZED:
            refusal = b', error="invalid_token"' if is_refused else b""
            return ((CHALLENGE, b"%s%s, %s" % (BEARER, refusal, API_KEY)),)
        case HTTPStatus.FORBIDDEN if scopes:
            needed = " ".join(scopes).encode("ascii")
            return ((CHALLENGE, INSUFFICIENT % (BEARER, needed)),)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return ((b"allow", allow.encode("ascii")),)
        case _ if retry_after_s is None:
            return ()
        case _:
            return ((b"retry-after", b"%d" % retry_after_s),)


def to_required_scopes(payload: dict[str, Any]) -> Sequence[str]:
    """Find the scopes that an operation was refused for."""
    for error in payload.get("errors", ()):
        scopes: Sequence[str] = error["extensions"].get("requiredScopes", ())
        return scopes
    return ()
