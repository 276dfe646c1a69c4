"""Answers that their client does not take."""

import asyncio

from gateway.settings import Settings


class AnswerWatch:
    """Ends a connection whose client takes too little of its answers.

    Attributes:
        unsent_bytes: Of answers, when this was looked at last.
    """

    __slots__ = ("loop", "settings", "timer", "transport", "unsent_bytes")

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        settings: Settings,
    ) -> None:
        self.transport = transport
        self.loop = loop
        self.settings = settings
        self.timer: asyncio.TimerHandle | None = None
        self.unsent_bytes = 0

    def start(self) -> None:
        """Look after a while how much was taken, if there is anything to take."""
        if self.timer is not None:
            return
        self.unsent_bytes = self.transport.get_write_buffer_size()
        if self.unsent_bytes:
            timeout_s = self.settings.client_timeout_s
            self.timer = self.loop.call_later(timeout_s, self.check)

    def check(self) -> None:
        """End the connection unless enough was taken, or all."""
        self.timer = None
        least_bytes = (
            self.settings.client_timeout_s * self.settings.min_client_bytes_per_s
        )
        left_bytes = self.transport.get_write_buffer_size()
        if left_bytes and self.unsent_bytes - left_bytes < least_bytes:
            self.transport.abort()
            return
        self.start()

    def stop(self) -> None:
        """Look no more."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
