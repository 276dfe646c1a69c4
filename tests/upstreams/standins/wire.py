"""HTTP/1.1 on a stream, well or badly."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from tests.upstreams.standins.faults import Fault
from tests.upstreams.standins.requests import Answer, Request

PIECES, PAUSE_S = 4, 0.02
PAGE = b"<!doctype html><title>Error</title><h1>Something went wrong</h1>"
HTML = {"content-type": "text/html"}
STATUSES = {
    Fault.BUSY: 429,
    Fault.BUSY_FOR_SECONDS: 429,
    Fault.BUSY_UNTIL: 429,
    Fault.BUSY_ONLY: 429,
    Fault.BROKEN: 500,
    Fault.BAD_GATEWAY: 502,
    Fault.UNAVAILABLE: 503,
    Fault.FAILED: 200,
}


async def read_requests(reader: asyncio.StreamReader) -> AsyncIterator[Request]:
    """Read requests until the client has no more."""
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        yield parse_head(head.decode("latin-1"))


def parse_head(head: str) -> Request:
    """Read a request's first line and headers."""
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    pairs = (line.partition(":") for line in lines)
    return Request(
        method=method,
        path=unquote(path),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers={name.lower(): value.strip() for name, _, value in pairs},
    )


def spoil(answer: Answer, fault: Fault | None) -> Answer:
    """Give what comes instead of an answer, where that is an answer, too."""
    if fault is Fault.CUT:
        return replace(answer, body=answer.body[: len(answer.body) * 2 // 3], jobs=0)
    if fault not in STATUSES:
        return answer
    status = STATUSES[fault]
    headers = HTML | to_retry_after(fault)
    if fault is Fault.UNAVAILABLE:
        body = b'{"success": false, "statusCode": 503, "message": "try again"}'
        json = {"content-type": "application/json"}
        return Answer(status=status, headers=headers | json, body=body)
    body = b"" if fault is Fault.BAD_GATEWAY else PAGE
    return Answer(status=status, headers=headers, body=body)


def to_retry_after(fault: Fault) -> dict[str, str]:
    """Say when to ask again."""
    in_a_second = datetime.now(UTC) + timedelta(seconds=1)
    texts = {
        Fault.BUSY: "0",
        Fault.BUSY_FOR_SECONDS: "1",
        Fault.BUSY_UNTIL: format_datetime(in_a_second, usegmt=True),
    }
    return {"retry-after": texts[fault]} if fault in texts else {}


async def write_answer(
    writer: asyncio.StreamWriter, answer: Answer, fault: Fault | None
) -> bool:
    """Send an answer, and tell whether the connection is still good."""
    if fault is Fault.RESET:
        writer.transport.abort()
    if fault in {Fault.RESET, Fault.UNANSWERED}:
        return False
    is_chunked = fault is Fault.UNENDED
    writer.write(to_head(answer, is_chunked=is_chunked))
    body = answer.body
    if fault in {Fault.BROKEN_OFF, Fault.UNENDED}:
        body = body[: len(body) // 2]
    for piece in to_pieces(body, PIECES if fault is Fault.SLOW else 1):
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
        await writer.drain()
        if fault is Fault.SLOW:
            await asyncio.sleep(PAUSE_S)
    return len(body) == len(answer.body) and not is_chunked


def to_head(answer: Answer, *, is_chunked: bool) -> bytes:
    """Write the status line and the headers."""
    length = (
        {"transfer-encoding": "chunked"}
        if is_chunked
        else {"content-length": str(len(answer.body))}
    )
    headers = {**answer.headers, **length}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    status = HTTPStatus(answer.status)
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{lines}\r\n".encode("latin-1")


def to_pieces(body: bytes, count: int) -> Iterator[bytes]:
    """Cut a body into a number of pieces, at most."""
    size = max(1, -(-len(body) // count))
    for start in range(0, len(body), size):
        yield body[start : start + size]
