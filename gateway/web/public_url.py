"""Requests to the address that their client knows the gateway by."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

# Nothing else may stand in a host, least of all what ends a quoted text in a header.
HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def to_public_url(scope: Scope, configured: str | None) -> str | None:
    """Give scheme, host and perhaps a prefix, without a slash at the end.

    Args:
        scope: The request's.
        configured: The address that is set, which always wins.

    Returns:
        None where the request has no host that could be one.
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
