"""The audit log of administrative commands, on standard error.

On a terminal there is none: the command already prints what it did.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.store.audit import AUDIT_LOGGER
from gateway.web.logs import to_handler


@contextmanager
def write_audit_lines() -> Iterator[None]:
    """Write the audit log within the block, whatever GATEWAY_LOG_LEVEL is."""
    if sys.stderr.isatty():
        yield
        return
    logger = logging.getLogger(AUDIT_LOGGER)
    handler, level = to_handler(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
