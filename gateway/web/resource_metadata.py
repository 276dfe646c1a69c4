"""The gateway as an OAuth 2.0 protected resource: what it is, and who lets one in.

https://www.rfc-editor.org/rfc/rfc9728
"""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Scope

from gateway.errors import NotFoundError, RequestError
from gateway.setting_texts import SCOPES
from gateway.settings import Settings
from gateway.web.public_url import to_public_url
from gateway.web.reply import to_json, to_response

WELL_KNOWN = "/.well-known/oauth-protected-resource"
# What clients ask for tokens for: the gateway as a whole, or its one endpoint.
RESOURCES = ("", "/graphql")
NAME = "www-authenticate"
BEARER = "Bearer "
# Another client's document is not to be kept for one who came by another host.
HEADERS = {"cache-control": "no-store", "vary": "Host"}


def metadata_routes(settings: Settings) -> list[Route]:
    """Give the routes of the documents.

    Behind a proxy that adds a prefix a document stands at the root of the host, so its
    path is not one that the gateway could know beforehand.
    """

    async def metadata(request: Request) -> Response:
        base = to_public_url(request.scope, settings.public_url)
        if base is None:
            return to_response(RequestError("the request has no usable host header"))
        place = request.url.path.removeprefix(WELL_KNOWN)
        found = [name for name in RESOURCES if place == urlsplit(base).path + name]
        if not found and place:
            return to_response(NotFoundError("no such resource"))
        resource = base + "".join(found)
        document = to_document(resource, settings)
        return Response(
            to_json(document), media_type="application/json", headers=HEADERS
        )

    return [
        Route(WELL_KNOWN, metadata),
        Route(WELL_KNOWN + "/{resource:path}", metadata),
    ]


def to_document(resource: str, settings: Settings) -> dict[str, object]:
    """Describe a resource; empty lists must be left out (RFC 9728, section 2)."""
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
    """Add to a challenge where the document of what was asked for is.

    Args:
        message: The beginning of the answer.
        scope: Of the request.
        configured: The gateway's public URL, where it is set.
    """
    headers = MutableHeaders(raw=message["headers"])
    challenge = headers.get(NAME, "")
    url = to_metadata_url(scope, configured)
    if url is not None and challenge.startswith(BEARER):
        rest = challenge.removeprefix(BEARER)
        headers[NAME] = f'{BEARER}resource_metadata="{url}", {rest}'
        message["headers"] = headers.raw


def to_metadata_url(scope: Scope, configured: str | None) -> str | None:
    """Give where the document of what was asked for is (RFC 9728, section 3.1)."""
    base = to_public_url(scope, configured)
    if base is None:
        return None
    parts = urlsplit(base)
    place = scope["path"] if scope["path"] in RESOURCES else ""
    return f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}{parts.path}{place}"
