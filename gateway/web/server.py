"""Serve in one process: bind, answer, and stop without losing a request."""

import asyncio
import errno
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from gateway.errors import StartupError
from gateway.settings import Settings
from gateway.web.connections import Connections
from gateway.web.protocol import GatewayProtocol

BACKLOG = 2048
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

logger = logging.getLogger(__name__)


def bind(host: str, port: int) -> socket.socket:
    """Listen on an address; connections wait until a server accepts them.

    Port 0 takes any that is free.

    Raises:
        StartupError: The address is in use, not ours, or unknown.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as exc:
        raise StartupError(
            f"cannot listen on {host}:{port}: {to_bind_reason(exc)}"
        ) from exc
    listener.setblocking(False)  # noqa: FBT003 -- the name says what is set
    return listener


def to_address(listener: socket.socket) -> str:
    """Return the URL to open in a browser on the same machine."""
    host, port = listener.getsockname()[:2]
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{own}]:{port}" if ":" in own else f"http://{own}:{port}"


def to_bind_reason(exc: OSError) -> str:
    """Say why an address cannot be bound, and what would help."""
    match exc.errno:
        case errno.EADDRINUSE:
            return "the port is in use; give another with --port"
        case errno.EACCES:
            return "it needs more rights; give a port above 1023 with --port"
        case errno.EADDRNOTAVAIL:
            return "this machine does not have the address; give another with --host"
        case _:
            return "the host is not known; give another with --host"


def serve_app(
    app: ASGIApp,
    listener: socket.socket,
    settings: Settings,
    *,
    on_started: Callable[["GatewayServer"], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what runs.

    Nothing should run after it in the process: later signals to stop are ignored.
    """
    config = to_config(app, settings)
    # The objects there are now live on: the collector need not look at them again.
    gc.freeze()
    server = GatewayServer(config, listener, settings, on_started=on_started)
    server.run(sockets=[listener])


def to_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Say how uvicorn shall serve an application."""
    return uvicorn.Config(
        app,
        http=GatewayProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
        workers=1,
    )


class GatewayServer(uvicorn.Server):
    """A uvicorn server that stops without refusing a connection.

    It also answers connections that wait in the backlog, and exits with 0 at a signal.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        listener: socket.socket,
        settings: Settings,
        *,
        on_started: Callable[["GatewayServer"], None] | None = None,
    ) -> None:
        super().__init__(config)
        self.server_state = Connections(settings)
        self.on_started = on_started
        # All processes share the flag, but a socket that was sent to a worker does not
        # know of it: duplicating it would make `accept` block in the others.
        listener.setblocking(False)  # noqa: FBT003 -- the name says what is set
        self.last_look = listener.dup()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.on_started is not None:
            self.on_started(self)

    def stop_without(self, sentinel: int) -> None:
        """Stop when a sentinel file descriptor becomes readable."""
        asyncio.get_running_loop().remove_reader(sentinel)
        self.should_exit = True

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        # The loop removes a closed listener one iteration later.
        for _ in range(2):
            await asyncio.sleep(0)
        for connection in self.accept_rest():
            await asyncio.get_running_loop().connect_accepted_socket(
                self.make_protocol, connection
            )
        await super().shutdown(sockets=[])

    def accept_rest(self) -> list[socket.socket]:
        """Accept the connections in the backlog, and stop listening."""
        connections = []
        try:
            while True:
                connections.append(self.last_look.accept()[0])
        except BlockingIOError:
            self.last_look.close()
        return connections

    def make_protocol(self) -> GatewayProtocol:
        """Make the protocol of a connection."""
        return GatewayProtocol(
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal; uvicorn would raise it again at the end."""
        for number in STOP_SIGNALS:
            signal.signal(number, self.handle_exit)
        # A worker starts with them blocked; see `workers.start_worker`.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        try:
            yield
        finally:
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
