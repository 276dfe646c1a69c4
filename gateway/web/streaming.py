"""Sends the rest of a reply piece by piece, each within the time limit."""

from collections.abc import AsyncIterator

from starlette.types import Receive, Send

from gateway.errors import GatewayError
from gateway.web.disconnect import DisconnectWatch
from gateway.web.refusals import log_refusal
from gateway.web.reply import send_piece


async def send_rest(
    receive: Receive, send: Send, rest: AsyncIterator[bytes], timeout_s: float
) -> None:
    """Send the pieces that follow, each within the time limit.

    After an error the answer stops without its last chunk, which clients notice: the
    status has been sent, so nothing else can tell them.

    Raises:
        ClientDisconnect: The client is gone.
    """
    watch = DisconnectWatch(receive, None)

    async def send_pieces() -> None:
        with watch:
            async for piece in in_time(receive, rest, timeout_s):
                await send_piece(send, piece, is_last=False)
        await send_piece(send, b"", is_last=True)

    try:
        await watch.in_time(send_pieces())
    except GatewayError as exc:
        log_refusal(exc)


async def in_time(
    receive: Receive, pieces: AsyncIterator[bytes], timeout_s: float
) -> AsyncIterator[bytes]:
    """Give pieces, each within the time limit.

    Raises:
        DeadlineError: One took too long.
    """
    while True:
        limit = DisconnectWatch(receive, timeout_s)
        piece = await limit.in_time(anext(pieces, None))
        if piece is None:
            return
        yield piece
