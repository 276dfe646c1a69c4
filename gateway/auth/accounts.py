"""The account that an administrator names in the header `x-account`."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.auth.names import MAX_NAME_LENGTH, is_name
from gateway.auth.principal import Principal
from gateway.errors import ForbiddenError, RequestError


def to_named_account(principal: Principal, values: Sequence[str]) -> Principal:
    """Switch an administrator to the account that the header `x-account` names.

    Args:
        principal: Whose request it is.
        values: All values of the header.

    Raises:
        ForbiddenError: The credential is no administrator's, or is for one project.
        RequestError: The header does not name one account.
    """
    if "admin" not in principal.scopes:
        raise ForbiddenError("x-account needs the scope admin", scopes=("admin",))
    account = parse_account_header(values)
    if account == principal.account:
        return principal
    if principal.project_id is not None:
        raise ForbiddenError(
            "x-account names another account, and the credential is for one project"
            " of its own; send one without a project"
        )
    return replace(principal, account=account, own_account=principal.account)


def parse_account_header(values: Sequence[str]) -> str:
    """Parse the header, whose bytes are UTF-8.

    Raises:
        RequestError: It is there twice, or is no valid name.
    """
    if len(values) > 1:
        raise RequestError("the request has two x-account headers; send one")
    try:
        account = values[0].encode("latin-1").decode()
    except UnicodeError:
        account = ""
    if not is_name(account):
        raise RequestError(
            f"x-account must be a text of 1 to {MAX_NAME_LENGTH} characters, in UTF-8"
            " and without control characters"
        )
    return account
