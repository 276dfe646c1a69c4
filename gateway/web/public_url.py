"""The URL that a request's client knows the gateway by."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

# A host has no other characters; above all no quote, which would end a header's text.
HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def to_public_url(scope: Scope, configured: str | None) -> str | None:
    """Give scheme, host and any prefix, without a slash at the end.

    Args:
        scope: The request's ASGI scope.
        configured: The URL that is set, which takes precedence.

    Returns:
        None if the request has no valid host.
    """
    if configured is not None:
        return configured
    host = Headers(scope=scope).get("host", "")
    return f"{scope['scheme']}://{host}" if is_host(host) else None


def is_host(text: str) -> bool:
    """Tell whether a text is a host, perhaps with a port."""
    try:
        # It refuses what is no address between brackets.
        return bool(HOST.fullmatch(text) and urlsplit(f"//{text}").netloc)
    except ValueError:
        return False
