"""Protects cookies from cross-site requests (CSRF).

A browser adds its cookies to requests that pages of other sites make. It sends a
preflight only before those that a plain form cannot make, and names the origin:
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
"""

from urllib.parse import urlsplit

from gateway.auth.audit import log_refused_credential, refusals_logged
from gateway.auth.credentials import EXPLICIT_HEADERS, HeaderValues, find_credential
from gateway.errors import UnauthenticatedError
from gateway.settings import Settings
from gateway.web.headers import RequestHeaders

# A plain form or link cannot send them. Apollo's clients always do.
PREFLIGHT_HEADERS = ("apollo-require-preflight", "x-apollo-operation-name")
OWN_SITES = frozenset({"same-origin", "none"})
PLAIN = (
    "the cookie jwt does not count in a GET, which any site can have a browser send;"
    " send POST, or the header apollo-require-preflight"
)
FOREIGN = (
    "the cookie jwt does not count in a request of another site; send an API key in"
    " x-api-key or a JWT in Authorization: Bearer"
)


class CookieRules:
    """Decides whether a request's cookies count as credentials."""

    def __init__(self, settings: Settings) -> None:
        allowed = settings.cors_origins if settings.cors_credentials else ()
        self.origins = frozenset(allowed)
        self.public_host = urlsplit(settings.public_url or "").netloc

    def admit(self, method: str, headers: RequestHeaders) -> HeaderValues:
        """Give the headers to find a credential in, with cookies or without.

        Raises:
            UnauthenticatedError: The only credential is a cookie that does not count.
        """
        reason = self.find_reason(method, headers)
        if reason is None:
            return headers.values_of
        if not any(headers.values_of(name) for name in EXPLICIT_HEADERS):
            with refusals_logged():
                found = find_credential(headers.values_of)
            if found is not None:
                log_refused_credential(reason, header=found.header)
                raise UnauthenticatedError(reason)
        return headers.explicit_values_of

    def find_reason(self, method: str, headers: RequestHeaders) -> str | None:
        """Give why the cookies do not count; None if they do.

        The content type of a POST was checked before: a plain form cannot send JSON.
        """
        if method != "POST" and not any(map(headers.joined, PREFLIGHT_HEADERS)):
            return PLAIN
        return None if self.is_own(headers) else FOREIGN

    def is_own(self, headers: RequestHeaders) -> bool:
        """Tell whether a request comes from the gateway's own page, or from no page."""
        origin = headers.joined("origin")
        if origin in self.origins:
            return True
        site = headers.joined("sec-fetch-site")
        if site:
            return site in OWN_SITES
        # Old browsers send only the origin; what sends neither is no browser.
        hosts = {headers.joined("host"), self.public_host} - {""}
        return not origin or origin.partition("://")[2] in hosts
