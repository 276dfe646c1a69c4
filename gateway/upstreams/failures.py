"""Errors of the HTTP client to errors whose messages quote nothing sent or received."""

import os
import socket
import ssl
from collections.abc import Iterator

import httpx2

from gateway.errors import BusyUpstreamError, UpstreamError


def to_upstream_error(exc: BaseException) -> UpstreamError:
    """Give the error for what the HTTP client raises.

    Its own message may quote a header or an address; the operating system's do not.
    """
    causes = list(to_causes(exc))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UpstreamError(
                f"its certificate does not hold: {cause.verify_message}; an authority"
                " of your own is named in ca_file"
            )
    if isinstance(exc, httpx2.TimeoutException):
        return BusyUpstreamError("there is no answer in time")
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno is not None:
            # The operating system's message, without the addresses that asyncio adds.
            is_unknown = isinstance(cause, socket.gaierror)
            reason = "its host is not known" if is_unknown else os.strerror(cause.errno)
            return BusyUpstreamError(f"it cannot be reached: {reason}")
    return BusyUpstreamError(f"the connection broke: {type(exc).__name__}")


def to_causes(exc: BaseException | None) -> Iterator[BaseException]:
    """Give an error and its chain of causes; of a group, the first error's."""
    while exc is not None:
        yield exc
        inner = exc.exceptions[0] if isinstance(exc, BaseExceptionGroup) else None
        exc = inner or exc.__cause__ or exc.__context__
