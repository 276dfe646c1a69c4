"""Operations asked of a gateway in this process, as if a credential had come along."""

from dataclasses import dataclass
from typing import Any

import orjson

from gateway.auth.principal import CredentialKind, Principal
from gateway.query.document.request import GraphqlRequest
from gateway.schema.operations import Operations
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.web.reply import to_json

ALL_SCOPES = frozenset({"jobs:read", "usage:read", "profile", "email"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Somebody who asks."""

    operations: Operations
    principal: Principal

    async def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """Give the whole answer, as a client reads it."""
        request = GraphqlRequest(query=query, variables=variables)
        answer = await self.operations.execute(request, self.principal)
        payload: dict[str, Any] = orjson.loads(to_json(answer.payload))
        return payload

    async def read(self, query: str, **variables: object) -> dict[str, Any]:
        """Give the data of an answer that must have no errors."""
        payload = await self.ask(query, **variables)
        assert "errors" not in payload, payload["errors"]
        data: dict[str, Any] = payload["data"]
        return data

    async def refusal(self, query: str, **variables: object) -> tuple[str, str]:
        """Give code and message of the one error of an answer."""
        (error,) = (await self.ask(query, **variables))["errors"]
        return error["extensions"]["code"], error["message"]


def to_code(payload: dict[str, Any]) -> str:
    """Give the code of the one error of an answer."""
    (error,) = payload["errors"]
    code: str = error["extensions"]["code"]
    return code


def to_principal(
    account: str = "acme",
    *,
    project_id: int | None = None,
    scopes: frozenset[str] = ALL_SCOPES,
) -> Principal:
    """Make somebody of an account."""
    return Principal(
        account=account,
        project_id=project_id,
        subject="tester",
        kind=CredentialKind.JWT,
        scopes=scopes,
    )


def to_asker(
    settings: Settings, database: Database, principal: Principal | None = None
) -> Asker:
    """Let somebody ask a gateway on a database."""
    return Asker(
        operations=Operations(settings, database),
        principal=principal or to_principal(),
    )
