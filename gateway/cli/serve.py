"""`gateway serve`: the gateway on a port, until it is told to stop."""

import asyncio
import logging
from typing import Annotated

import typer

from gateway.settings import read_settings
from gateway.web.app import create_app
from gateway.web.logs import configure_logs
from gateway.web.opening import check_resources
from gateway.web.server import bind, serve as serve_app, to_address
from gateway.web.workers import Service, serve_with_workers

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[
    int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")
]

logger = logging.getLogger(__name__)


def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="Processes that answer.")
    ] = 1,
) -> None:
    """Serve the database that GATEWAY_DATABASE_URL names."""
    settings = read_settings()
    configure_logs(settings)
    asyncio.run(check_resources(settings))
    listener = bind(host, port)
    logger.info("listening on %s", to_address(listener))
    if workers == 1:
        serve_app(create_app(settings), listener, settings)
        return
    service = Service(make_app=create_app, settings=settings, listener=listener)
    serve_with_workers(service, workers)
