"""The audit's lines of a command that administers, on standard error.

None on a terminal: the command itself says what it did to whoever sits there.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from gateway.store.audit import AUDIT_LOGGER
from gateway.web.logs import to_handler


def audited(ctx: typer.Context) -> None:
    """Write the lines as long as the command runs; the callback of a group."""
    if not sys.stderr.isatty():
        ctx.with_resource(audit_lines())


@contextmanager
def audit_lines() -> Iterator[None]:
    """Write the audit's lines within the block, whatever level is set for a server."""
    logger = logging.getLogger(AUDIT_LOGGER)
    handler, level = to_handler(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
