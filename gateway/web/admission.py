"""Authenticates a request, and applies the rate limits."""

from gateway.auth.caller import Caller
from gateway.auth.credentials import HeaderValues
from gateway.auth.principal import Principal
from gateway.auth.rate_limits import to_client_id
from gateway.errors import MissingCredentialError, UnauthenticatedError
from gateway.settings import Settings
from gateway.web.client_address import parse_networks, to_client_address
from gateway.web.cross_site import CookieRules
from gateway.web.exchange import Exchange
from gateway.web.rate_headers import to_rate_error, to_rate_headers


class Admission:
    """Authenticates requests, and counts them and refused credentials."""

    def __init__(self, settings: Settings) -> None:
        self.cookies = CookieRules(settings)
        self.proxies = parse_networks(settings.trusted_proxies)

    async def admit(self, exchange: Exchange) -> Caller:
        """Identify the caller, and count the request.

        Method and content type must have been checked: a cookie may authenticate a POST
        only because plain forms cannot send its content type.

        Raises:
            UnauthenticatedError: There is no credential, or it is invalid.
            ForbiddenError: The credential may not act for the named account.
            RateLimitedError: Too many requests, or too many refused credentials.
        """
        with exchange.timings.measure("auth"):
            principal = await self.authenticate(exchange)
            limiter = exchange.resources.request_limiter
            if limiter is None:
                return Caller(principal=principal)
            usage = await limiter.count(to_client_id(principal))
            if usage is not None:
                exchange.added.extend(to_rate_headers(usage))
                if usage.is_exceeded:
                    raise to_rate_error(usage, "requests")
            return Caller(principal=principal, rate_usage=usage)

    async def authenticate(self, exchange: Exchange) -> Principal:
        """Identify the caller; cookies count only if no other site made the request."""
        headers = exchange.headers
        try:
            values_of: HeaderValues = headers.values_of
            if headers.has_cookies:
                values_of = self.cookies.admit(exchange.method, headers)
            return await exchange.resources.authenticator.authenticate(values_of)
        except MissingCredentialError:
            raise
        except UnauthenticatedError:
            await self.count_failure(exchange)
            raise

    async def count_failure(self, exchange: Exchange) -> None:
        """Count an invalid credential for the address it came from.

        Raises:
            RateLimitedError: There were too many.
        """
        limiter = exchange.resources.failure_limiter
        if limiter is None:
            return
        address = to_client_address(exchange.peer, exchange.headers, self.proxies)
        usage = await limiter.count(address)
        if usage is not None and usage.is_exceeded:
            raise to_rate_error(usage, "refused credentials from this address")
