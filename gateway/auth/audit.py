"""Audit log: a structured line for each credential event, never with a secret.

The logger is `gateway.audit`; the event's details are attributes of the log record.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.auth.principal import Principal
from gateway.errors import UnauthenticatedError
from gateway.store.audit import AUDIT_LOGGER
from gateway.store.keys import ApiKeyRecord

logger = logging.getLogger(AUDIT_LOGGER)


def log_event(event: str, message: str, *args: object, **details: object) -> None:
    """Log an event with its details."""
    logger.info(message, *args, extra={"event": event, **details})


def log_refused_credential(
    reason: str,
    *,
    header: str | None = None,
    key: ApiKeyRecord | Principal | None = None,
) -> None:
    """Log that a credential was refused.

    Args:
        reason: The message to the client.
        header: Where the credential came.
        key: The key whose prefix the credential has, or its principal. The prefix is
            logged only then: in other texts a secret may stand in its place.
    """
    prefix = key.prefix if isinstance(key, ApiKeyRecord) else None
    log_event(
        "credential_refused",
        "credential refused: %s",
        reason,
        reason=reason,
        header=header,
        account=key.account if key else None,
        key_prefix=key.key_prefix if isinstance(key, Principal) else prefix,
        subject=key.subject if isinstance(key, Principal) else None,
    )


@contextmanager
def refusals_logged(header: str | None = None) -> Iterator[None]:
    """Log the refusal of a credential within the block, and re-raise it.

    Raises:
        UnauthenticatedError: The block raised it.
    """
    try:
        yield
    except UnauthenticatedError as exc:
        log_refused_credential(exc.message, header=header)
        raise


def log_key_event(event: str, key: ApiKeyRecord) -> None:
    """Log `key_created`, `key_imported` or `key_revoked`."""
    log_event(
        event,
        "%s: %s of account %s",
        event.replace("_", " "),
        key.prefix,
        key.account,
        account=key.account,
        key_prefix=key.prefix,
        project_id=key.project_id,
        scopes=sorted(key.scopes),
        expires_at=key.expires_at.isoformat() if key.expires_at else None,
    )


def log_account_named(principal: Principal) -> None:
    """Log that an administrator acts in an account that a request named."""
    log_event(
        "account_named",
        "account named: %s acts in account %s",
        principal.subject,
        principal.account,
        account=principal.account,
        own_account=principal.own_account,
        subject=principal.subject,
        key_prefix=principal.key_prefix,
    )


def log_upstream_forgotten(account: str, name: str) -> None:
    """Log that an upstream was deleted from the database."""
    message = "upstream forgotten: %s of account %s"
    log_event(
        "upstream_forgotten", message, name, account, account=account, upstream=name
    )


def log_usage_rebuilt(account: str, *, figures: int, jobs: int) -> None:
    """Log that an account's pre-aggregated usage was rebuilt."""
    log_event(
        "usage_rebuilt",
        "usage rebuilt: %d figures of account %s",
        figures,
        account,
        account=account,
        figures=figures,
        jobs=jobs,
    )
