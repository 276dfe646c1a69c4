"""Refused requests, to lines of the log."""

import logging
from http import HTTPStatus

from gateway.errors import GatewayError

logger = logging.getLogger(__name__)


def log_refusal(error: GatewayError) -> None:
    """Log a client's mistake as information, and trouble of our own as a warning."""
    is_ours = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    logger.log(
        logging.WARNING if is_ours else logging.INFO,
        "%s: %s",
        error.code.value,
        error.message,
        extra={"code": error.code.value, "status": error.status},
    )
