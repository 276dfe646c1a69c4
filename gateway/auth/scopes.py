"""Checks the scopes of a principal."""

from collections.abc import Iterable

from gateway.auth.principal import Principal
from gateway.errors import ForbiddenError


def check_scope(what: str, scope: str, principal: Principal) -> None:
    """Refuse a principal that lacks a scope.

    Raises:
        ForbiddenError: It does.
    """
    if not principal.has(scope):
        raise to_scope_error(what, scope, principal, [scope])


def to_scope_error(
    what: str, scope: str, principal: Principal, needed: Iterable[str]
) -> ForbiddenError:
    """Make the error for a missing scope.

    Args:
        what: What is refused: a field, a route.
        scope: The missing one.
        principal: Whose request it is.
        needed: All scopes that the request needs.
    """
    return ForbiddenError(
        f"{what} needs the scope {scope}; the credential has"
        f" {' '.join(sorted(principal.scopes)) or 'none'}",
        scopes=needed,
    )
