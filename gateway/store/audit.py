"""The audit log's name, and its line for a migration."""

import logging

AUDIT_LOGGER = "gateway.audit"


def log_migration(before: str | None, after: str) -> None:
    """Log that a database was migrated; a new one was at no version."""
    logging.getLogger(AUDIT_LOGGER).info(
        "database migrated: %s to %s",
        before or "new",
        after,
        extra={"event": "database_migrated", "before": before, "after": after},
    )
