"""`gateway serve`: the gateway on a port, until it is told to stop."""

import asyncio
import logging

from gateway.settings import read_settings
from gateway.web.app import create_app
from gateway.web.logs import configure_logs
from gateway.web.opening import check_resources
from gateway.web.server import bind, serve_app, to_address
from gateway.web.workers import ServedApp, serve_with_workers

logger = logging.getLogger(__name__)


def serve_gateway(*, host: str, port: int, workers: int) -> None:
    """Serve the database of the settings, which must be at the right version.

    Raises:
        StartupError: It cannot be served; see `check_resources` and `bind`.
    """
    settings = read_settings()
    configure_logs(settings)
    asyncio.run(check_resources(settings))
    listener = bind(host, port)
    logger.info("listening on %s", to_address(listener))
    if workers == 1:
        serve_app(create_app(settings), listener, settings)
        return
    service = ServedApp(make_app=create_app, settings=settings, listener=listener)
    serve_with_workers(service, workers)
