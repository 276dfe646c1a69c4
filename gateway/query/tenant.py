"""Whose rows a request reads: those of one account, or of one of its projects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from gateway.auth.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Whose rows are read: all of an account's, or those of one of its projects."""

    account: str
    project_id: int | None = None

    @classmethod
    def of(cls, principal: Principal) -> Self:
        """Give whose rows somebody may see."""
        return cls(account=principal.account, project_id=principal.project_id)

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of the parameters that every statement has."""
        return {"account": self.account, "project": self.project_id}


# No account has an empty name.
NOBODY = Tenant(account="")
