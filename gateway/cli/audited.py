"""The audit log of a command that administers, on standard error.

None on a terminal: the command itself says what it did to whoever sits there.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.store.audit import AUDIT_LOGGER
from gateway.web.logs import to_handler


@contextmanager
def write_audit_lines() -> Iterator[None]:
    """Write the audit log within the block, whatever level is set for a server."""
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
