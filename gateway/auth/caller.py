"""Who asks, and how much of their rate is used."""

from dataclasses import dataclass

from gateway.auth.principal import Principal
from gateway.auth.rate_limits import RateUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who made a request.

    Attributes:
        rate_usage: How much of the rate limit is used; None where there is no limit.
    """

    principal: Principal
    rate_usage: RateUsage | None = None
