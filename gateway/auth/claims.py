"""Claims of a token that was verified to the principal they describe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.auth.names import MAX_NAME_LENGTH, MAX_PROJECT_ID, is_name, is_project_id
from gateway.auth.principal import CredentialKind, Principal
from gateway.errors import UnauthenticatedError
from gateway.setting_texts import SCOPES

Claims = Mapping[str, Any]

# More digits cannot be a project's number.
MAX_DIGITS = len(str(MAX_PROJECT_ID))
# RFC 9068 names the first; some providers write the other.
SCOPE_CLAIMS = ("scope", "scp")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """Which claims tell account, project and scopes.

    Attributes:
        scopes: The first of them that a token has counts.
    """

    account: str = "account"
    project: str = "project"
    scopes: tuple[str, ...] = SCOPE_CLAIMS


DEFAULT_NAMES = ClaimNames()


def to_principal(
    claims: Claims,
    *,
    default_scopes: frozenset[str],
    names: ClaimNames = DEFAULT_NAMES,
) -> Principal:
    """Read who a token is for and what it allows.

    Raises:
        UnauthenticatedError: A claim is missing or not of its type.
    """
    return Principal(
        account=parse_name(claims, names.account),
        project_id=parse_project(claims, names.project),
        subject=parse_name(claims, "sub"),
        kind=CredentialKind.JWT,
        scopes=parse_scope(claims, names.scopes, default_scopes),
    )


def parse_name(claims: Claims, name: str) -> str:
    """Read a claim that names somebody."""
    value = claims.get(name)
    if not isinstance(value, str) or not is_name(value):
        raise UnauthenticatedError(
            f"the token's claim {name!r} must be a text of 1 to {MAX_NAME_LENGTH}"
            " characters without control characters"
        )
    return value


def parse_project(claims: Claims, name: str) -> int | None:
    """Read the project; a null is refused, lest a mistake opens the whole account."""
    if name not in claims:
        return None
    number = to_number(claims[name])
    if number is None or not is_project_id(number):
        raise UnauthenticatedError(
            f"the token's claim {name!r} must be a whole number, or one as text;"
            " leave it out for the whole account"
        )
    return number


def to_number(value: object) -> int | None:
    """Read a whole number, or the text of one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and is_digits(value):
        return int(value)
    return None


def is_digits(text: str) -> bool:
    """Tell whether a text is a whole number of a project's length."""
    return len(text) <= MAX_DIGITS and text.isascii() and text.isdigit()


def parse_scope(
    claims: Claims, names: Sequence[str], default: frozenset[str]
) -> frozenset[str]:
    """Read the scopes: words of other services are none of ours."""
    for name in names:
        if name in claims:
            return to_scopes(claims[name], name)
    return default


def to_scopes(value: object, name: str) -> frozenset[str]:
    """Read scopes from a text or a list; issuers write both under either name."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise UnauthenticatedError(
            f"the token's claim {name!r} must be a text of words with blanks between"
            " them, or a list of words"
        )
    return frozenset(SCOPES).intersection(words)
