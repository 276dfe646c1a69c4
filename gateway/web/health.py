"""The health checks: whether the process lives, and whether it can answer."""

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.errors import DatabaseUnavailableError, GatewayError, OverloadedError
from gateway.web.reply import to_error_response

HEADERS = {"cache-control": "no-store"}

logger = logging.getLogger(__name__)


async def healthz(_: Request) -> Response:
    """Answer that the process lives; the database is not asked."""
    return JSONResponse({"status": "ok"}, headers=HEADERS)


async def readyz(request: Request) -> Response:
    """Answer whether the database is reachable and at the right version."""
    try:
        await request.state.resources.check_ready()
    except GatewayError as exc:
        logger.warning("not ready: %s", exc.message)
        if isinstance(exc, DatabaseUnavailableError):
            # Its message names the database's host, and anybody may ask here.
            exc = DatabaseUnavailableError("the database is not available")
        return to_error_response(OverloadedError(exc.message))
    return JSONResponse({"status": "ready"}, headers=HEADERS)
