"""Whether the process lives, and whether it can answer."""

import logging

from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import DatabaseUnavailableError, GatewayError, OverloadedError
from gateway.web.reply import to_json, to_response

HEADERS = {"cache-control": "no-store"}
JSON = "application/json"

logger = logging.getLogger(__name__)


async def healthz(_: Request) -> Response:
    """Answer as long as the process does; asks nothing of the database."""
    return Response(to_json({"status": "ok"}), media_type=JSON, headers=HEADERS)


async def readyz(request: Request) -> Response:
    """Answer whether the database is reachable and at the right version."""
    try:
        await request.state.resources.check_ready()
    except GatewayError as exc:
        logger.warning("not ready: %s", exc.message)
        if isinstance(exc, DatabaseUnavailableError):
            # Its message says where the database is, which is nobody's business here.
            exc = DatabaseUnavailableError("the database is not available")
        return to_response(OverloadedError(exc.message))
    return Response(to_json({"status": "ready"}), media_type=JSON, headers=HEADERS)
