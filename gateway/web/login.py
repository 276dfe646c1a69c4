"""The login page, which GraphiQL opens in a window to get a token.

It starts the authorization code flow with PKCE (RFC 7636), and is its redirect address.
The token is passed to GraphiQL, and not stored.
"""

import json
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.addresses import to_origin
from gateway.auth.discovery import ProviderMetadata
from gateway.errors import GatewayError, NotFoundError
from gateway.settings import Settings
from gateway.web.graphiql import BUILD
from gateway.web.reply import to_error_response
from gateway.web.resources import Publishes

PLACEHOLDER = "{{login}}"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src {origin}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


def offers_login(settings: Settings) -> bool:
    """Tell whether an identity provider is set, and a client id to log in with."""
    has_key = settings.jwt_secret or settings.jwt_public_key
    return bool(settings.login_client_id and settings.jwt_issuer and not has_key)


def login_routes(settings: Settings, *, folder: Path = BUILD) -> list[Route]:
    """Give the route of the page; none without a build or without a login."""
    index = folder / "login.html"
    if not offers_login(settings) or not index.is_file():
        return []
    page = index.read_text(encoding="utf-8")

    async def login(request: Request) -> Response:
        try:
            metadata = await read_metadata(request.state.resources.provider)
        except GatewayError as exc:
            return to_error_response(exc)
        values = escape(json.dumps(to_options(metadata, settings)))
        origin = to_origin(metadata.token_endpoint or metadata.issuer)
        return HTMLResponse(
            page.replace(PLACEHOLDER, values),
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": POLICY.format(origin=origin),
                "X-Frame-Options": "DENY",
            },
        )

    return [Route("/graphql/login", login)]


async def read_metadata(provider: Publishes | None) -> ProviderMetadata:
    """Read the identity provider's metadata, which names its login endpoints.

    Raises:
        NotFoundError: There is no provider, or it has no login for people.
        OverloadedError: The provider has not answered yet.
    """
    if provider is None:
        raise NotFoundError("this gateway has no identity provider")
    metadata = (await provider.read()).metadata
    if metadata.authorization_endpoint is None or metadata.token_endpoint is None:
        raise NotFoundError("the identity provider offers no login")
    return metadata


def to_options(metadata: ProviderMetadata, settings: Settings) -> dict[str, object]:
    """Give the page's options, with the names of its TypeScript."""
    return {
        "issuer": metadata.issuer,
        "authorizationEndpoint": metadata.authorization_endpoint,
        "tokenEndpoint": metadata.token_endpoint,
        "clientId": settings.login_client_id,
        "scope": " ".join(settings.login_scopes),
        "resource": settings.login_resource,
    }
