"""Requests that are refused before any application sees them, and why."""

import httptools

from gateway.errors import GatewayError, MethodError, RequestError


def to_request_error(error: httptools.HttpParserError) -> GatewayError:
    """Give the error that a callback raised, or say that it is not HTTP."""
    # The parser raises its own one, in the context of the callback's.
    cause = error.__context__
    if isinstance(cause, GatewayError):
        return cause
    return RequestError("the request is not as HTTP/1.1 has it")


def check_is_no_tunnel(method: bytes) -> None:
    """Refuse the method that asks for a connection to another server.

    Raises:
        MethodError: It is this one.
    """
    if method == b"CONNECT":
        raise MethodError(
            "CONNECT is not answered here; send GET or POST", allow="GET, POST"
        )


def check_hosts(headers: list[tuple[bytes, bytes]], http_version: str) -> None:
    """Refuse a request that does not name one host (RFC 9112, 3.2).

    Raises:
        RequestError: It names none, which only HTTP/1.0 may, or several.
    """
    hosts = [name for name, _ in headers].count(b"host")
    if hosts > 1:
        raise RequestError(f"the request has {hosts} host headers; send one")
    if hosts == 0 and http_version == "1.1":
        raise RequestError("the request has no host header; send one")
