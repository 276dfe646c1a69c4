"""The principal: what every credential resolves to."""

from dataclasses import dataclass
from enum import StrEnum

# Includes all other scopes.
ADMIN = "admin"


class CredentialKind(StrEnum):
    """The form of a credential."""

    API_KEY = "API_KEY"
    JWT = "JWT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Whose request it is, and what it may do.

    Attributes:
        account: Whose data it may see.
        project_id: The only project it may see; None is every one of the account.
        subject: The `sub` of a token, or the prefix of an API key.
        key_prefix: The prefix of an API key; None for a token.
        own_account: The credential's account, where the request named another.
    """

    account: str
    project_id: int | None = None
    subject: str
    kind: CredentialKind
    scopes: frozenset[str]
    key_prefix: str | None = None
    own_account: str | None = None

    def has(self, scope: str) -> bool:
        """Tell whether it has a scope."""
        return scope in self.scopes or ADMIN in self.scopes
