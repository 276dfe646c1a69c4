"""Operations for tests, asked in-process."""

from collections.abc import Mapping
from typing import Any

from gateway.auth.principal import CredentialKind, Principal
from gateway.query.document.request import GraphqlRequest
from gateway.schema.operations import Answer, Operations
from gateway.settings import Settings
from gateway.store.database import Database


def make_principal(*scopes: str) -> Principal:
    """Make a principal of the account `acme`; without scopes, one who may read."""
    return Principal(
        account="acme",
        subject="tester",
        kind=CredentialKind.JWT,
        scopes=frozenset(scopes or ("jobs:read", "usage:read")),
    )


READER = make_principal()


async def ask(
    settings: Settings,
    database: Database,
    query: str,
    variables: Mapping[str, Any] | None = None,
    *,
    principal: Principal | None = READER,
) -> Answer:
    """Ask one operation."""
    request = GraphqlRequest(query=query, variables=variables)
    return await Operations(settings, database).execute(request, principal)
