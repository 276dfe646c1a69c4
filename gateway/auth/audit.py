"""One structured log line for each event of a credential, never with a secret.

The logger is `gateway.audit`; what happened stands in the record's own attributes.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.auth.principal import Principal
from gateway.errors import UnauthenticatedError
from gateway.store.audit import AUDIT_LOGGER
from gateway.store.keys import ApiKeyRecord

logger = logging.getLogger(AUDIT_LOGGER)


def log_refusal(
    reason: str,
    *,
    header: str | None = None,
    key: ApiKeyRecord | Principal | None = None,
) -> None:
    """Log that a credential was refused.

    Args:
        reason: What the client was told.
        header: Where the credential came.
        key: The key whose prefix the credential has, or whoever it stands for. The
            prefix is logged only then: what stands in its place in other texts may be
            a secret.
    """
    logger.info(
        "credential refused: %s",
        reason,
        extra={
            "event": "credential_refused",
            "reason": reason,
            "header": header,
            "account": key.account if key else None,
            "key_prefix": to_prefix(key),
            "subject": key.subject if isinstance(key, Principal) else None,
        },
    )


def to_prefix(key: ApiKeyRecord | Principal | None) -> str | None:
    """Give the public half of a key."""
    if isinstance(key, Principal):
        return key.key_prefix
    return key.prefix if key else None


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
    """Log what was done to a key: `key_created`, `key_imported` or `key_revoked`."""
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


def log_account_named(principal: Principal) -> None:
    """Log that an administrator acts in an account that a request named."""
    logger.info(
        "account named: %s acts in account %s",
        principal.subject,
        principal.account,
        extra={
            "event": "account_named",
            "account": principal.account,
            "own_account": principal.own_account,
            "subject": principal.subject,
            "key_prefix": principal.key_prefix,
        },
    )


def log_upstream_forgotten(account: str, name: str) -> None:
    """Log that the database does not know of an upstream any more."""
    logger.info(
        "upstream forgotten: %s of account %s",
        name,
        account,
        extra={"event": "upstream_forgotten", "account": account, "upstream": name},
    )


def log_usage_rebuilt(account: str, *, figures: int, jobs: int) -> None:
    """Log that an account's usage figures were made anew."""
    logger.info(
        "usage rebuilt: %d figures of account %s",
        figures,
        account,
        extra={
            "event": "usage_rebuilt",
            "account": account,
            "figures": figures,
            "jobs": jobs,
        },
    )
