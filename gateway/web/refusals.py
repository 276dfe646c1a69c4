"""Logs refused requests."""

import logging
from http import HTTPStatus

from gateway.errors import GatewayError

logger = logging.getLogger(__name__)


def log_refusal(error: GatewayError) -> None:
    """Log an error: a client's as info, the gateway's own (5xx) as a warning."""
    is_own = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    logger.log(
        logging.WARNING if is_own else logging.INFO,
        "%s: %s",
        error.code.value,
        error.message,
        extra={"code": error.code.value, "status": error.status},
    )
