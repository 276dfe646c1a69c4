"""The rest of a reply: piece by piece, each in time, while somebody waits."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Send

from gateway.errors import DeadlineError, GatewayError
from gateway.web.disconnect import DisconnectWatch
from gateway.web.refusals import log_refusal
from gateway.web.reply import send_piece


async def send_rest(
    receive: Receive, send: Send, rest: AsyncIterator[bytes], timeout_s: float
) -> None:
    """Send the pieces that follow, each within the time limit.

    An error leaves the answer without its end, which every client notices: there is no
    other way left to tell it.

    Raises:
        ClientDisconnect: Nobody waits for the answer any more.
    """
    presence = asyncio.timeout(None)
    watch = DisconnectWatch(receive, presence)
    try:
        async with presence:
            with watch:
                async for piece in in_time(rest, timeout_s):
                    await send_piece(send, piece, is_last=False)
            await send_piece(send, b"", is_last=True)
    except TimeoutError as exc:
        if not watch.is_gone:
            raise
        raise ClientDisconnect from exc
    except GatewayError as exc:
        log_refusal(exc)


async def in_time(
    pieces: AsyncIterator[bytes], timeout_s: float
) -> AsyncIterator[bytes]:
    """Give pieces, each of which must come in time.

    Raises:
        DeadlineError: One does not.
    """
    while True:
        limit = asyncio.timeout(timeout_s)
        try:
            async with limit:
                piece = await anext(pieces, None)
        except TimeoutError as exc:
            if not limit.expired():
                raise
            raise to_deadline_error(timeout_s) from exc
        if piece is None:
            return
        yield piece


def to_deadline_error(timeout_s: float) -> DeadlineError:
    """Say how long a request may take."""
    return DeadlineError(
        f"the request took longer than {timeout_s:g} s; ask for less or for smaller"
        " pages"
    )
