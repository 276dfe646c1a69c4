"""The id that ties a request, its answer and its log lines together."""

import re
from collections.abc import Iterable
from contextvars import ContextVar
from uuid import uuid4

# What a log line or a header can carry unquoted, and a client can hardly abuse.
ACCEPTED = re.compile(rb"[A-Za-z0-9._:-]{1,128}")

current_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def to_request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Take the client's `x-request-id` where it is a plain word, or make one."""
    for name, value in headers:
        if name == b"x-request-id" and ACCEPTED.fullmatch(value):
            return value.decode("ascii")
    return uuid4().hex
