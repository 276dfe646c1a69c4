"""Rate limit usage as response headers, and as the error for exceeding it.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

import math

from gateway.auth.rate_limits import RateUsage
from gateway.errors import RateLimitedError
from gateway.web.reply import RawHeaders


def to_rate_headers(usage: RateUsage) -> RawHeaders:
    """Write the limit and what remains of it, as structured fields (RFC 9651)."""
    name = usage.name.encode("ascii")
    reset_s = math.ceil(usage.reset_in_s)
    return (
        (
            b"ratelimit-policy",
            b'"%s";q=%d;w=%d' % (name, usage.limit, usage.window_s),
        ),
        (b"ratelimit", b'"%s";r=%d;t=%d' % (name, usage.remaining, reset_s)),
    )


def to_rate_error(usage: RateUsage, what: str) -> RateLimitedError:
    """Make the error for exceeding a limit, with the time to retry after."""
    return RateLimitedError(
        f"more than {usage.limit} {what} in {usage.window_s} s; try again in"
        f" {math.ceil(usage.reset_in_s)} s",
        retry_after_ms=usage.retry_after_ms,
    )
