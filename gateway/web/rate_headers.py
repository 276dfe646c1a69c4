"""How much of a rate is left, to the headers and the error that tell a client.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

import math

from gateway.auth.rate_limits import RateUsage
from gateway.errors import RateLimitedError
from gateway.web.reply import RawHeaders


def to_rate_headers(standing: RateUsage) -> RawHeaders:
    """Write the policy and what is left of it, as structured fields (RFC 9651)."""
    name = standing.name.encode("ascii")
    reset_s = math.ceil(standing.reset_in_s)
    return (
        (
            b"ratelimit-policy",
            b'"%s";q=%d;w=%d' % (name, standing.limit, standing.window_s),
        ),
        (b"ratelimit", b'"%s";r=%d;t=%d' % (name, standing.remaining, reset_s)),
    )


def to_rate_error(standing: RateUsage, what: str) -> RateLimitedError:
    """Say what there was too much of, and when to go on."""
    return RateLimitedError(
        f"more than {standing.limit} {what} in {standing.window_s} s; try again in"
        f" {math.ceil(standing.reset_in_s)} s",
        retry_after_ms=standing.retry_after_ms,
    )
