"""Resources of a gateway that answers without schema and database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from gateway.auth.credentials import HeaderValues
from gateway.auth.principal import CredentialKind, Principal
from gateway.auth.rate_limits import RateUsage
from gateway.errors import MissingCredentialError, UnauthenticatedError
from gateway.query.request import GraphqlRequest
from gateway.query.timing import Timings
from gateway.settings import Settings
from gateway.store.database import open_database
from gateway.web.app import create_app
from gateway.web.resources import Resources

Act = Callable[[], Coroutine[Any, Any, None]]

KEY = {"x-api-key": "acme.secret"}
PRINCIPAL = Principal(
    account="acme",
    subject="acme",
    kind=CredentialKind.API_KEY,
    scopes=frozenset({"jobs:read", "usage:read"}),
)


@dataclass(frozen=True, kw_only=True)
class FakeAnswer:
    """An answer as a test wants it."""

    payload: dict[str, Any] = field(default_factory=lambda: {"data": {"ok": True}})
    status: int = 200
    retry_after_s: int | None = None


@dataclass(kw_only=True)
class FakeOperations:
    """Gives the answer, does what it shall before, and keeps what it was asked.

    Attributes:
        act: Raises, or waits.
        was_cancelled: Whether waiting came to an end by being cancelled.
    """

    answer: FakeAnswer = field(default_factory=FakeAnswer)
    act: Act | None = None
    requests: list[GraphqlRequest] = field(default_factory=list)
    principals: list[Principal | None] = field(default_factory=list)
    mutations_allowed: list[bool] = field(default_factory=list)
    request_ids: list[str | None] = field(default_factory=list)
    was_cancelled: bool = False

    async def execute(
        self,
        request: GraphqlRequest,
        principal: Principal | None,
        *,
        standing: RateUsage | None = None,  # noqa: ARG002 -- the interface's
        allows_mutation: bool = True,
        request_id: str | None = None,
        timings: Timings | None = None,  # noqa: ARG002 -- the interface's
    ) -> FakeAnswer:
        self.requests.append(request)
        self.principals.append(principal)
        self.mutations_allowed.append(allows_mutation)
        self.request_ids.append(request_id)
        try:
            await (self.act or nothing)()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return self.answer


class FakeAuthenticator:
    """Takes any API key but a bad one, and any cookie."""

    async def authenticate(self, values_of: HeaderValues) -> Principal:
        values = [*values_of("x-api-key"), *values_of("cookie")]
        if not values:
            raise MissingCredentialError("no credential; send an API key in x-api-key")
        if "bad" in values:
            raise UnauthenticatedError("unknown API key")
        return PRINCIPAL


async def nothing() -> None:
    """Do nothing."""


def to_opener(
    operations: FakeOperations, check_ready: Act = nothing
) -> Callable[[Settings], AbstractAsyncContextManager[Resources]]:
    """Give what opens fakes."""

    @asynccontextmanager
    async def opener(_: Settings) -> AsyncIterator[Resources]:
        yield Resources(
            authenticator=FakeAuthenticator(),
            operations=operations,
            database=open_database(Settings()),
            check_ready=check_ready,
        )

    return opener


def to_client(
    operations: FakeOperations | None = None,
    *,
    check_ready: Act = nothing,
    headers: dict[str, str] = KEY,
    **changes: Any,  # noqa: ANN401 -- as `Settings.replace` takes them
) -> TestClient:
    """Give a client of a gateway on fakes, with some settings changed."""
    opener = to_opener(operations or FakeOperations(), check_ready)
    app = create_app(Settings().replace(**changes), opener=opener)
    return TestClient(app, headers=headers, follow_redirects=False)
