"""OpenID Connect discovery: which endpoints an identity provider has.

https://openid.net/specs/openid-connect-discovery-1_0.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.auth.provider_urls import is_trusted
from gateway.errors import SettingsError, UpstreamError


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMetadata:
    """A provider's endpoints.

    Attributes:
        authorization_endpoint: Where people log in; None where only services can.
        token_endpoint: Where an authorization code is exchanged for a token.
    """

    issuer: str
    jwks_uri: str
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None


def check_issuer(issuer: str) -> None:
    """Check that documents can be fetched from an issuer.

    Raises:
        SettingsError: It is no trusted address.
    """
    if "?" in issuer or not is_trusted(issuer):
        raise SettingsError(
            "GATEWAY_JWT_ISSUER is no address to fetch keys from: it must be https"
            " without query and fragment, or http on this machine; or set"
            " GATEWAY_JWT_SECRET or GATEWAY_JWT_PUBLIC_KEY, too"
        )


def to_discovery_url(issuer: str) -> str:
    """Give the address of an issuer's discovery document."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def parse_metadata(document: Mapping[str, Any], issuer: str) -> ProviderMetadata:
    """Parse a discovery document.

    Raises:
        UpstreamError: It is another issuer's, or malformed.
    """
    if document.get("issuer") != issuer:
        raise UpstreamError(
            f"the discovery document's issuer is {document.get('issuer')!r} and not"
            f" {issuer!r}; GATEWAY_JWT_ISSUER must be the same to the last character"
        )
    jwks_uri = parse_url(document, "jwks_uri")
    if jwks_uri is None:
        raise UpstreamError("the discovery document has no jwks_uri")
    return ProviderMetadata(
        issuer=issuer,
        jwks_uri=jwks_uri,
        authorization_endpoint=parse_url(document, "authorization_endpoint"),
        token_endpoint=parse_url(document, "token_endpoint"),
    )


def parse_url(document: Mapping[str, Any], name: str) -> str | None:
    """Parse an address; None where it is missing.

    Raises:
        UpstreamError: It is not trusted.
    """
    url = document.get(name)
    if url is not None and not (isinstance(url, str) and is_trusted(url)):
        raise UpstreamError(
            f"the discovery document's {name} is {url!r}; it must be an https address"
        )
    return url
