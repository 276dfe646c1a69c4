"""Who asks: the one value every credential resolves to."""

from dataclasses import dataclass
from enum import StrEnum

# The scope that is all others, too.
ADMIN = "admin"


class CredentialKind(StrEnum):
    """The form a credential came in."""

    API_KEY = "API_KEY"
    JWT = "JWT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An account, perhaps narrowed to a project, and what it may do there.

    Attributes:
        project_id: The only project it may see; None is every one of the account.
        subject: The `sub` of a token, or the name of the key: its prefix.
        key_prefix: The public half of an API key; None for a token.
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
        """Tell whether it may do what needs a scope."""
        return scope in self.scopes or ADMIN in self.scopes
