"""HTTP replies: encodes answers and errors, and sends them."""

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
from gateway.schema.errors import to_entry
from gateway.schema.operations import Answer

# `web.resource_metadata` adds the URL of the metadata (RFC 9728).
CHALLENGE = b"www-authenticate"
BEARER = b'Bearer realm="job-gateway"'
API_KEY = b'ApiKey realm="job-gateway"'
INSUFFICIENT = b'%s, error="insufficient_scope", scope="%s"'

RawHeaders = Sequence[tuple[bytes, bytes]]


class MediaType(Enum):
    """The media types of replies; the value is the header's."""

    JSON = b"application/json"
    TEXT = b"text/plain"
    # With it, the status says whether the operation was executed:
    # https://graphql.github.io/graphql-over-http/draft/
    GRAPHQL = b"application/graphql-response+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP reply.

    Attributes:
        body: The whole body, or the first piece of a streamed one.
        rest: The pieces that follow, of a body too large for memory.
    """

    status: int
    body: bytes
    media_type: MediaType = MediaType.JSON
    headers: RawHeaders = ()
    rest: AsyncIterator[bytes] | None = None


async def send_reply(send: Send, reply: Reply) -> None:
    """Send the headers and the body of a reply, without its `rest`."""
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
    """Send a piece of a reply's body."""
    await send({"type": "http.response.body", "body": piece, "more_body": not is_last})


def to_json(value: Any) -> bytes:  # noqa: ANN401 -- any JSON
    """Encode JSON, instants in RFC 3339 with `Z`."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def to_reply(answer: Answer, media_type: MediaType) -> Reply:
    """Encode the answer to an operation.

    As `application/json` a refused document has status 200, so that clients and proxies
    that do not know the other media type read the body.
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
        headers=to_status_headers(
            status,
            allow="POST",
            retry_after_s=answer.retry_after_s,
            scopes=to_required_scopes(answer.payload),
        ),
    )


def to_error_reply(
    error: GatewayError, media_type: MediaType = MediaType.JSON
) -> Reply:
    """Encode an error that refuses a whole request."""
    return Reply(
        status=error.status,
        body=to_json({"errors": [to_entry(error)]}),
        media_type=media_type,
        headers=to_status_headers(
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


def to_error_response(error: GatewayError) -> Response:
    """Encode an error as a response of Starlette's own routes."""
    return to_response(to_error_reply(error))


def to_response(reply: Reply) -> Response:
    """Convert a JSON reply to a response of Starlette's own routes."""
    response = Response(reply.body, reply.status, media_type="application/json")
    response.raw_headers.extend(reply.headers)
    return response


def to_status_headers(
    status: int,
    *,
    allow: str,
    retry_after_s: int | None,
    scopes: Sequence[str],
    is_refused: bool = False,
) -> RawHeaders:
    """Make the headers that an error's status calls for (RFC 6750, section 3).

    Args:
        status: The operation's, which need not be the reply's.
        allow: The methods that are allowed.
        retry_after_s: When to try again.
        scopes: What the credential lacks.
        is_refused: Whether there was a credential, but an invalid one.
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
    """Find the scopes that a refused operation needs."""
    for error in payload.get("errors", ()):
        scopes: Sequence[str] = error["extensions"].get("requiredScopes", ())
        return scopes
    return ()
