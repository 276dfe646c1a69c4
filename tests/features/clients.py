"""Gateways that answer over HTTP in this process, and what clients send them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient

from gateway.settings import Settings
from gateway.web.app import create_app

# The media type whose statuses tell what became of an operation.
GRAPHQL = {"accept": "application/graphql-response+json"}


@contextmanager
def open_client(
    settings: Settings, headers: Mapping[str, str] | None = None
) -> Iterator[TestClient]:
    """Serve a gateway; each request has the given headers."""
    with TestClient(
        create_app(settings), headers=dict(GRAPHQL | dict(headers or {}))
    ) as client:
        yield client


def to_body(query: str, **variables: object) -> dict[str, Any]:
    """Make the body of a request."""
    return {"query": query, "variables": variables}
