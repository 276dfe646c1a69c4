"""The resources that a process opens once and all requests share."""

from dataclasses import dataclass
from typing import Protocol, TypedDict

from gateway.auth.caller import Caller
from gateway.auth.credentials import HeaderValues
from gateway.auth.principal import Principal
from gateway.auth.provider import Published
from gateway.auth.rate_limits import RateLimiter
from gateway.query.document.request import GraphqlRequest
from gateway.query.document.timing import Timings
from gateway.schema.execution import Prepared
from gateway.schema.operations import Answer
from gateway.store.database import Database


class Executes(Protocol):
    """Prepares and runs operations; errors become answers, not exceptions."""

    def prepare(
        self,
        request: GraphqlRequest,
        caller: Caller | None,
        *,
        allows_mutation: bool = True,
    ) -> Prepared | Answer:
        """Find the operation, or give the answer that refuses it."""

    async def run(self, prepared: Prepared | Answer, timings: Timings) -> Answer:
        """Execute a prepared operation."""


class Authenticates(Protocol):
    """Identifies callers by their credentials."""

    async def authenticate(self, values_of: HeaderValues) -> Principal:
        """Resolve the credential in the headers.

        Raises:
            UnauthenticatedError: There is none, or it is invalid.
        """


class ChecksReady(Protocol):
    """Checks whether the gateway can answer requests."""

    async def __call__(self) -> None:
        """Return if it can.

        Raises:
            GatewayError: It cannot; the message says why.
        """


class Publishes(Protocol):
    """Gives the identity provider's metadata and keys."""

    async def read(self) -> Published:
        """Give what the provider published last.

        Raises:
            OverloadedError: It has not been fetched yet.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What lives as long as the process.

    Attributes:
        provider: None if no identity provider is set.
        request_limiter: Limits requests by credential; None: no limit.
        failure_limiter: Limits refused credentials by address; None: no limit.
    """

    authenticator: Authenticates
    operations: Executes
    database: Database
    check_ready: ChecksReady
    provider: Publishes | None = None
    request_limiter: RateLimiter | None = None
    failure_limiter: RateLimiter | None = None


class RequestState(TypedDict):
    """What the lifespan puts into the state of every request."""

    resources: Resources
