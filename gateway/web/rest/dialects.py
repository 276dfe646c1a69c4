"""The three REST dialects: their routes, and the format of errors by path."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.routing import Route

from gateway.errors import GatewayError
from gateway.settings import Settings
from gateway.web.reply import Reply, to_error_reply
from gateway.web.rest.edge_impulse.routes import EDGE_IMPULSE
from gateway.web.rest.endpoint import to_route
from gateway.web.rest.modzy.routes import MODZY
from gateway.web.rest.routes import Dialect
from gateway.web.rest.sharedcloud.routes import SHAREDCLOUD

# A longer prefix comes before one that it begins with.
DIALECTS: Sequence[Dialect] = (EDGE_IMPULSE, SHAREDCLOUD, MODZY)


def rest_routes(settings: Settings) -> list[Route]:
    """Give the routes of all dialects."""
    return [
        to_route(settings, dialect, route)
        for dialect in DIALECTS
        for route in dialect.routes
    ]


def to_refusal(path: str, error: GatewayError) -> Reply:
    """Encode an error outside of routes, in the dialect that the path belongs to."""
    for dialect in DIALECTS:
        if f"{path}/".startswith(f"{dialect.prefix}/"):
            return replace(dialect.encode_error(error), status=error.status)
    return to_error_reply(error)
