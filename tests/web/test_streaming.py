"""Replies that are sent in pieces."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from gateway.errors import DatabaseUnavailableError
from gateway.web.streaming import send_rest

GONE = {"type": "http.disconnect"}


async def wait_forever() -> Message:
    await asyncio.Event().wait()
    return GONE


async def give(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def fail_after(piece: bytes) -> AsyncIterator[bytes]:
    yield piece
    raise DatabaseUnavailableError("the database is not available")


async def hang_after(piece: bytes) -> AsyncIterator[bytes]:
    yield piece
    await wait_forever()


async def send_all(
    rest: AsyncIterator[bytes], *, is_gone: bool = False, timeout_s: float = 10
) -> list[tuple[bytes, bool]]:
    """Give what is sent: each piece, and whether there is more."""
    sent: list[tuple[bytes, bool]] = []

    async def receive() -> Message:
        return GONE if is_gone else await wait_forever()

    async def send(message: Message) -> None:
        sent.append((message["body"], message["more_body"]))

    await send_rest(receive, send, rest, timeout_s)
    return sent


async def test_all_pieces_are_sent_and_then_the_end() -> None:
    assert await send_all(give(b"a", b"b")) == [
        (b"a", True),
        (b"b", True),
        (b"", False),
    ]


@pytest.mark.parametrize("rest", [fail_after, hang_after])
async def test_what_fails_on_the_way_has_no_end(
    rest: type, caplog: pytest.LogCaptureFixture
) -> None:
    assert await send_all(rest(b"a"), timeout_s=0.05) == [(b"a", True)]
    assert [each.levelname for each in caplog.records] == ["WARNING"]


async def test_work_for_a_client_that_is_gone_is_cancelled() -> None:
    with pytest.raises(ClientDisconnect):
        await send_all(hang_after(b"a"), is_gone=True)
