"""Scopes that are missing, to the error that says so."""

from collections.abc import Iterable

from gateway.auth.principal import Principal
from gateway.errors import ForbiddenError


def check_scope(what: str, scope: str, principal: Principal) -> None:
    """Refuse what the caller's scopes do not cover.

    Raises:
        ForbiddenError: They do not.
    """
    if not principal.has(scope):
        raise to_scope_error(what, scope, principal, [scope])


def to_scope_error(
    what: str, scope: str, principal: Principal, needed: Iterable[str]
) -> ForbiddenError:
    """Say what needs which scope, and which the credential has.

    Args:
        what: What is refused: a field, a route.
        scope: The one that is missing.
        principal: Who asks.
        needed: All that the request needs.
    """
    return ForbiddenError(
        f"{what} needs the scope {scope}; the credential has"
        f" {' '.join(sorted(principal.scopes)) or 'none'}",
        scopes=needed,
    )
