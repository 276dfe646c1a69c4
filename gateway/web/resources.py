"""What a process opens once and every request uses."""

from dataclasses import dataclass
from typing import Any, Protocol, TypedDict

from gateway.auth.credentials import HeaderValues
from gateway.auth.principal import Principal
from gateway.auth.provider import Published
from gateway.auth.rate_limits import RateLimiter, RateUsage
from gateway.query.request import GraphqlRequest
from gateway.query.timing import Timings
from gateway.store.database import Database


class Answer(Protocol):
    """What became of an operation."""

    @property
    def payload(self) -> dict[str, Any]:
        """`data` and `errors`, ready for JSON."""

    @property
    def status(self) -> int:
        """For `application/graphql-response+json`."""

    @property
    def retry_after_s(self) -> int | None:
        """When to try again, of an operation that could not be answered now."""


class Executes(Protocol):
    """Answers operations; a client's mistake is an answer, never an exception."""

    async def execute(
        self,
        request: GraphqlRequest,
        principal: Principal | None,
        *,
        standing: RateUsage | None = None,
        allows_mutation: bool = True,
        request_id: str | None = None,
        timings: Timings | None = None,
    ) -> Answer:
        """Execute one operation."""


class Authenticates(Protocol):
    """Tells who asks."""

    async def authenticate(self, values_of: HeaderValues) -> Principal:
        """Resolve the credential among headers.

        Raises:
            UnauthenticatedError: There is none, or it does not hold.
        """


class ChecksReady(Protocol):
    """Tells whether the database can answer."""

    async def __call__(self) -> None:
        """Do nothing.

        Raises:
            GatewayError: It cannot, and the message says why.
        """


class Publishes(Protocol):
    """Tells what the identity provider says of itself."""

    async def read(self) -> Published:
        """Give what is known.

        Raises:
            OverloadedError: It is not known yet.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """All that lives as long as the process.

    Attributes:
        provider: None where no identity provider is set.
        request_limiter: Counts by credential; None where there is no limit.
        failure_limiter: Counts refused credentials by address; None as above.
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
