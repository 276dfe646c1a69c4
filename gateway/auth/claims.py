"""The claims of a verified token to a principal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.auth.names import MAX_NAME_LENGTH, is_name, is_project_id, to_whole_number
from gateway.auth.principal import CredentialKind, Principal
from gateway.errors import UnauthenticatedError
from gateway.setting_texts import SCOPES

Claims = Mapping[str, Any]

# RFC 9068 names the first; some providers write the other.
SCOPE_CLAIMS = ("scope", "scp")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """The claims that hold account, project and scopes.

    Attributes:
        scopes: The first of them in a token counts.
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
    """Convert claims to the principal they describe.

    Raises:
        UnauthenticatedError: A claim is missing or not of its type.
    """
    return Principal(
        account=parse_name_claim(claims, names.account),
        project_id=parse_project_claim(claims, names.project),
        subject=parse_name_claim(claims, "sub"),
        kind=CredentialKind.JWT,
        scopes=parse_scope_claim(claims, names.scopes, default_scopes),
    )


def parse_name_claim(claims: Claims, name: str) -> str:
    """Parse a claim that names an account or a subject."""
    value = claims.get(name)
    if not isinstance(value, str) or not is_name(value):
        raise UnauthenticatedError(
            f"the token's claim {name!r} must be a text of 1 to {MAX_NAME_LENGTH}"
            " characters without control characters"
        )
    return value


def parse_project_claim(claims: Claims, name: str) -> int | None:
    """Parse the project; null is refused, lest a mistake opens the whole account."""
    if name not in claims:
        return None
    value = claims[name]
    number = to_whole_number(value) if isinstance(value, str) else value
    if type(number) is not int or not is_project_id(number):
        raise UnauthenticatedError(
            f"the token's claim {name!r} must be a whole number, or one as text;"
            " leave it out for the whole account"
        )
    return number


def parse_scope_claim(
    claims: Claims, names: Sequence[str], default: frozenset[str]
) -> frozenset[str]:
    """Parse the scopes, ignoring those of other services."""
    for name in names:
        if name in claims:
            return to_scopes(claims[name], name)
    return default


def to_scopes(value: object, name: str) -> frozenset[str]:
    """Convert a text or a list to scopes; issuers use both under either name."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise UnauthenticatedError(
            f"the token's claim {name!r} must be a text of words with blanks between"
            " them, or a list of words"
        )
    return frozenset(SCOPES).intersection(words)
