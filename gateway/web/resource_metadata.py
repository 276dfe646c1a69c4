"""The gateway's metadata as an OAuth 2.0 protected resource.

https://www.rfc-editor.org/rfc/rfc9728
"""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Scope

from gateway.errors import NotFoundError, RequestError
from gateway.setting_texts import SCOPES
from gateway.settings import Settings
from gateway.web.public_url import to_public_url
from gateway.web.reply import to_error_response

WELL_KNOWN = "/.well-known/oauth-protected-resource"
# The resources that clients get tokens for: the gateway as a whole, or its endpoint.
RESOURCES = ("", "/graphql")
NAME = "www-authenticate"
BEARER = "Bearer "
# The document depends on the host that the client used.
HEADERS = {"cache-control": "no-store", "vary": "Host"}


def metadata_routes(settings: Settings) -> list[Route]:
    """Give the routes of the metadata documents.

    A proxy may serve the gateway below a prefix; the document's path then ends with the
    prefix, which the gateway does not know beforehand.
    """

    async def metadata(request: Request) -> Response:
        base = to_public_url(request.scope, settings.public_url)
        if base is None:
            return to_error_response(
                RequestError("the request has no usable host header")
            )
        place = request.url.path.removeprefix(WELL_KNOWN)
        found = [name for name in RESOURCES if place == urlsplit(base).path + name]
        if not found and place:
            return to_error_response(NotFoundError("no such resource"))
        document = describe_resource(base + "".join(found), settings)
        return JSONResponse(document, headers=HEADERS)

    return [
        Route(WELL_KNOWN, metadata),
        Route(WELL_KNOWN + "/{resource:path}", metadata),
    ]


def describe_resource(resource: str, settings: Settings) -> dict[str, object]:
    """Make a resource's metadata, without empty lists (RFC 9728, section 2)."""
    issuer = settings.jwt_issuer
    servers = {"authorization_servers": [issuer]} if issuer else {}
    return {
        "resource": resource,
        "resource_name": "Job Gateway",
        **servers,
        "bearer_methods_supported": ["header"],
        "scopes_supported": list(SCOPES),
    }


def add_metadata_url(message: Message, scope: Scope, configured: str | None) -> None:
    """Add the URL of the metadata to the challenge in `WWW-Authenticate`.

    Args:
        message: The start of the response.
        scope: The request's ASGI scope.
        configured: The gateway's public URL, if it is set.
    """
    headers = MutableHeaders(raw=message["headers"])
    challenge = headers.get(NAME, "")
    url = to_metadata_url(scope, configured)
    if url is not None and challenge.startswith(BEARER):
        rest = challenge.removeprefix(BEARER)
        headers[NAME] = f'{BEARER}resource_metadata="{url}", {rest}'
        message["headers"] = headers.raw


def to_metadata_url(scope: Scope, configured: str | None) -> str | None:
    """Give the URL of the requested resource's metadata (RFC 9728, section 3.1)."""
    base = to_public_url(scope, configured)
    if base is None:
        return None
    parts = urlsplit(base)
    place = scope["path"] if scope["path"] in RESOURCES else ""
    return f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}{parts.path}{place}"
