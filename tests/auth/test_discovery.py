from typing import Any

import pytest

from gateway.auth.discovery import (
    ProviderMetadata,
    check_issuer,
    parse_metadata,
    to_discovery_url,
)
from gateway.errors import SettingsError, UpstreamError

ISSUER = "https://id.example.com"
JWKS = f"{ISSUER}/keys"


@pytest.mark.parametrize(
    "issuer", [ISSUER, f"{ISSUER}/", f"{ISSUER}/realms/acme", "http://127.0.0.1:3000"]
)
def test_an_issuer_is_an_address_with_a_document_below_it(issuer: str) -> None:
    check_issuer(issuer)
    expected = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    assert to_discovery_url(issuer) == expected


@pytest.mark.parametrize(
    "issuer", ["acme", "http://id.example.com", f"{ISSUER}?a=b", f"{ISSUER}#a"]
)
def test_an_issuer_without_a_safe_address_is_refused(issuer: str) -> None:
    with pytest.raises(SettingsError, match="must be https without query and fragment"):
        check_issuer(issuer)


def test_what_a_provider_offers_is_read() -> None:
    document = {
        "issuer": ISSUER,
        "jwks_uri": JWKS,
        "authorization_endpoint": f"{ISSUER}/auth",
        "token_endpoint": f"{ISSUER}/token",
        "response_types_supported": ["code"],
    }
    assert parse_metadata(document, ISSUER) == ProviderMetadata(
        issuer=ISSUER,
        jwks_uri=JWKS,
        authorization_endpoint=f"{ISSUER}/auth",
        token_endpoint=f"{ISSUER}/token",
    )


def test_a_provider_for_services_alone_has_no_login() -> None:
    metadata = parse_metadata({"issuer": ISSUER, "jwks_uri": JWKS}, ISSUER)
    assert metadata.authorization_endpoint is None


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "issuer is None and not 'https://id.example.com'"),
        ({"issuer": f"{ISSUER}/"}, "the same to the last character"),
        ({"issuer": "https://evil.example"}, "issuer is 'https://evil.example'"),
        ({"issuer": ISSUER}, "has no jwks_uri"),
        ({"issuer": ISSUER, "jwks_uri": 7}, "jwks_uri is 7; it must be an https"),
        (
            {"issuer": ISSUER, "jwks_uri": "http://id.example.com/keys"},
            "jwks_uri is 'http://id.example.com/keys'; it must be an https",
        ),
        (
            {"issuer": ISSUER, "jwks_uri": JWKS, "token_endpoint": "javascript:x"},
            "token_endpoint is 'javascript:x'; it must be an https",
        ),
    ],
)
def test_a_document_that_cannot_be_believed_is_refused(
    document: dict[str, Any], message: str
) -> None:
    with pytest.raises(UpstreamError, match=message):
        parse_metadata(document, ISSUER)
