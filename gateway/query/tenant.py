"""The tenant whose rows a request reads: an account, or one of its projects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from gateway.auth.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An account, or one of its projects; a project ID of None means all of them."""

    account: str
    project_id: int | None = None

    @classmethod
    def of(cls, principal: Principal) -> Self:
        """Give the tenant of a principal."""
        return cls(account=principal.account, project_id=principal.project_id)

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of the bind parameters that every statement has."""
        return {"account": self.account, "project": self.project_id}


# No account has an empty name.
NOBODY = Tenant(account="")
