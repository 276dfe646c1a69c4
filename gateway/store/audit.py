"""The audit log, and its line for what is done to the database as a whole."""

import logging

AUDIT_LOGGER = "gateway.audit"


def log_migration(before: str | None, after: str) -> None:
    """Log that a database was migrated; one that was new was at no version."""
    logging.getLogger(AUDIT_LOGGER).info(
        "database migrated: %s to %s",
        before or "new",
        after,
        extra={"event": "database_migrated", "before": before, "after": after},
    )
