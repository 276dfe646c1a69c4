"""A server whose answers take a while, run as a process of its own.

`python -m tests.web.slow_server WORKERS` prints the port it listens on.
"""

import asyncio
import os
import sys
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.settings import Settings
from gateway.web.logs import configure_logs
from gateway.web.server import bind, serve_app
from gateway.web.workers import ServedApp, serve_with_workers

SLOW_S = 0.3
# Requests that reached the application; each process counts its own.
BEGUN: list[str] = []


async def slow_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the process id, late; `/die` ends the process instead."""
    if scope["type"] == "lifespan":
        await live(receive, send)
        return
    if scope["path"] == "/die":
        os._exit(9)
    BEGUN.append(scope["path"])
    await asyncio.sleep(SLOW_S)
    body = b"%d" % os.getpid()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def live(receive: Receive, send: Send) -> None:
    """Start and stop as told."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    print(len(BEGUN), flush=True)  # noqa: T201 -- for the test
    await send({"type": "lifespan.shutdown.complete"})


def make_slow_app(_: Settings) -> ASGIApp:
    """Give the slow application."""
    return slow_app


def make_no_app(_: Settings) -> ASGIApp:
    """Fail, as a worker may whose disk is full."""
    raise OSError(28, "No space left on device")


def main(workers: int, make_app: str) -> None:
    """Serve on a free port."""
    settings = Settings(log_level="error")
    configure_logs(settings)
    listener = bind("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)  # noqa: T201 -- for the test
    make = make_no_app if make_app == "none" else make_slow_app
    if workers == 1:
        serve_app(make(settings), listener, settings)
        return
    service = ServedApp(make_app=make, settings=settings, listener=listener)
    serve_with_workers(service, workers)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]).name)
