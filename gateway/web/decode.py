"""Decodes bodies and query strings to GraphQL requests."""

from typing import Any

import orjson

from gateway.errors import RequestError
from gateway.query.document.request import GraphqlRequest
from gateway.web.query_string import parse_query_string

# Browsers and proxies pass at least this much.
MAX_URL_BYTES = 16_384
# The members of a request, with their types.
MEMBERS: dict[str, type] = {
    "query": str,
    "variables": dict,
    "operationName": str,
    "extensions": dict,
}
JSON_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


def decode_body(body: bytes) -> GraphqlRequest:
    """Decode the body of a POST.

    Raises:
        RequestError: It is not JSON, or not a GraphQL request.
    """
    if not body:
        raise RequestError("the body is empty; send a JSON object with a query")
    members = decode_json(body, "the body")
    if isinstance(members, list):
        raise RequestError(
            "the body is a list; batching is not supported, send one object a request"
        )
    if not isinstance(members, dict):
        raise RequestError(
            f"the body is {JSON_NAMES[type(members)]}; send a JSON object with a query"
        )
    return to_request(members)


def decode_query_string(query_string: bytes) -> GraphqlRequest:
    """Decode the query string of a GET.

    Raises:
        RequestError: It is too long, malformed, or not a GraphQL request.
    """
    if len(query_string) > MAX_URL_BYTES:
        raise RequestError(
            f"the query string has {len(query_string)} bytes, more than"
            f" {MAX_URL_BYTES}; send the operation by POST"
        )
    members: dict[str, Any] = {}
    for name, value in parse_query_string(query_string):
        if name in members:
            raise RequestError(f"the URL has {name} twice; give it once")
        if name in MEMBERS:
            members[name] = value
    for name in ("variables", "extensions"):
        text = members.get(name)
        members[name] = decode_json(text.encode(), name) if text else None
    members["operationName"] = members.get("operationName") or None
    return to_request(members)


def decode_json(text: bytes, name: str) -> Any:  # noqa: ANN401 -- any JSON
    """Decode JSON; orjson limits its depth and the size of its numbers."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise RequestError(f"{name} is not JSON: {exc}") from exc


def to_request(members: dict[str, Any]) -> GraphqlRequest:
    """Make a request of its members, and check their types; null counts as absent."""
    for name, right in MEMBERS.items():
        value = members.get(name)
        if value is not None and type(value) is not right:
            raise RequestError(
                f"{name} is {JSON_NAMES[type(value)]}; give {JSON_NAMES[right]}"
            )
    query = members.get("query")
    if query is None:
        raise RequestError("query is missing; send the text of a GraphQL document")
    return GraphqlRequest(
        query=query,
        variables=members.get("variables"),
        operation_name=members.get("operationName"),
    )
