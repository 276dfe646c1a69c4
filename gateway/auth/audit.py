"""One structured log line for each event of a credential, never with a secret.

The logger is `gateway.audit`; what happened stands in the record's own attributes.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.errors import UnauthenticatedError
from gateway.store.keys import ApiKeyRecord

__all__ = ["log_key_event", "log_refusal", "refusals_logged"]

logger = logging.getLogger("gateway.audit")


def log_refusal(
    reason: str, *, header: str | None = None, key: ApiKeyRecord | None = None
) -> None:
    """Log that a credential was refused.

    Args:
        reason: What the client was told.
        header: Where the credential came.
        key: The key whose prefix the credential has. The prefix is logged only then:
            what stands in its place in other texts may be a secret.
    """
    logger.info(
        "credential refused: %s",
        reason,
        extra={
            "event": "credential_refused",
            "reason": reason,
            "header": header,
            "account": key.account if key else None,
            "key_prefix": key.prefix if key else None,
        },
    )


@contextmanager
def refusals_logged(header: str | None = None) -> Iterator[None]:
    """Log the refusal of a credential within the block, and let it pass.

    Raises:
        UnauthenticatedError: The block raised it.
    """
    try:
        yield
    except UnauthenticatedError as exc:
        log_refusal(exc.message, header=header)
        raise


def log_key_event(event: str, key: ApiKeyRecord) -> None:
    """Log what was done to a key: `key_created` or `key_revoked`."""
    logger.info(
        "%s: %s of account %s",
        event.replace("_", " "),
        key.prefix,
        key.account,
        extra={
            "event": event,
            "account": key.account,
            "key_prefix": key.prefix,
            "project_id": key.project_id,
            "scopes": sorted(key.scopes),
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        },
    )
