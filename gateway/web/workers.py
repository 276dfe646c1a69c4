"""Serve in several processes on one socket, supervised by their parent.

The parent never accepts. At SIGTERM it stops listening and has each worker finish; a
worker that dies before is replaced; one that cannot start ends all.
"""

import asyncio
import logging
import multiprocessing
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from starlette.types import ASGIApp

from gateway.errors import StartupError
from gateway.settings import Settings
from gateway.web.logs import configure_logs
from gateway.web.server import STOP_SIGNALS, GatewayServer, serve_app

# A worker is killed so long after the time its requests have to finish.
KILL_AFTER_S = 5
# So that workers that die again and again do not use up a processor.
RESTART_AFTER_S = 0.5

# A module-level function, because it is pickled by name.
MakesApp = Callable[[Settings], ASGIApp]

logger = logging.getLogger(__name__)
context = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedApp:
    """What a worker serves, and where."""

    make_app: MakesApp
    settings: Settings
    listener: socket.socket


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process, and the pipe over which it reports that it serves."""

    process: SpawnProcess
    readiness: Connection


def serve_with_workers(service: ServedApp, count: int) -> None:
    """Serve from several processes until SIGTERM or SIGINT.

    Raises:
        StartupError: A worker could not start, or not end.
    """
    asyncio.run(Crew(service).run(count))


class Crew:
    """Supervises the workers."""

    def __init__(self, service: ServedApp) -> None:
        self.service = service
        self.workers: list[Worker] = []
        self.is_stopping = False
        self.has_failed = False

    async def run(self, count: int) -> None:
        """Keep a number of workers running until a signal to stop.

        Raises:
            StartupError: See `serve_with_workers`.
        """
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.stop)
        ended_well = await asyncio.gather(*(self.keep() for _ in range(count)))
        if self.has_failed:
            raise StartupError("a worker could not start; the log says why")
        if not all(ended_well):
            raise StartupError("a worker did not finish in time and was ended")

    async def keep(self) -> bool:
        """Keep one worker running; return whether the last one exited with 0."""
        while not self.is_stopping:
            worker = start_worker(self.service)
            self.workers.append(worker)
            await wait_for_end(worker)
            self.workers.remove(worker)
            if self.is_stopping:
                return worker.process.exitcode == 0
            await self.replace(worker)
        return True

    async def replace(self, worker: Worker) -> None:
        """Wait before the next worker; stop all if this one never served."""
        logger.error(
            "worker %s ended by itself, with exit code %s",
            worker.process.pid,
            worker.process.exitcode,
        )
        if has_served(worker):
            await asyncio.sleep(RESTART_AFTER_S)
            return
        self.has_failed = True
        self.stop()

    def stop(self) -> None:
        """Stop listening and have all workers finish."""
        if self.is_stopping:
            return
        self.is_stopping = True
        self.service.listener.close()
        for worker in self.workers:
            worker.process.terminate()
        asyncio.get_running_loop().call_later(
            self.service.settings.shutdown_timeout_s + KILL_AFTER_S, self.kill
        )

    def kill(self) -> None:
        """Kill the workers that have not ended."""
        for worker in self.workers:
            worker.process.kill()


def start_worker(service: ServedApp) -> Worker:
    """Start a process with the signals to stop blocked.

    It keeps SIGINT blocked, because a terminal sends it to parent and workers alike,
    and unblocks SIGTERM when it can handle it.
    """
    # Starting it later would unblock the signals again.
    resource_tracker.ensure_running()
    readiness, ready = context.Pipe(duplex=False)
    process = context.Process(target=run_worker, args=(service, ready))
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    ready.close()
    return Worker(process=process, readiness=readiness)


async def wait_for_end(worker: Worker) -> None:
    """Wait until a worker has ended."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(worker.process.sentinel, ended.set)
    await ended.wait()
    loop.remove_reader(worker.process.sentinel)
    worker.process.join()


def has_served(worker: Worker) -> bool:
    """Tell whether a worker that ended had served."""
    try:
        worker.readiness.recv()
    except EOFError:
        return False
    return True


def run_worker(service: ServedApp, ready: Connection) -> None:
    """Serve, as a worker."""
    configure_logs(service.settings)

    def tell_ready(server: GatewayServer) -> None:
        ready.send(True)  # noqa: FBT003 -- any message says it
        stop_with_parent(server)

    try:
        app = service.make_app(service.settings)
        serve_app(app, service.listener, service.settings, on_started=tell_ready)
    except StartupError as exc:
        logger.error(exc.message)  # noqa: TRY400 -- a wrong setting needs no traceback
        sys.exit(1)


def stop_with_parent(server: GatewayServer) -> None:
    """Stop a server when its parent process ends, in whatever way."""
    parent = multiprocessing.parent_process()
    loop = asyncio.get_running_loop()
    if parent is not None:
        loop.add_reader(parent.sentinel, server.stop_without, parent.sentinel)
