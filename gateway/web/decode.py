"""Bodies and query strings to GraphQL requests."""

from typing import Any

import orjson

from gateway.errors import RequestError
from gateway.query.document.request import GraphqlRequest
from gateway.web.query_string import to_parameters

# What browsers and proxies carry; more belongs into a body.
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
    """Read the JSON of a POST.

    Raises:
        RequestError: It is no JSON, or its members are not those of a request.
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
    """Read the parameters of a GET.

    Raises:
        RequestError: They are too long, not readable, or not those of a request.
    """
    if len(query_string) > MAX_URL_BYTES:
        raise RequestError(
            f"the query string has {len(query_string)} bytes, more than"
            f" {MAX_URL_BYTES}; send the operation by POST"
        )
    members: dict[str, Any] = {}
    for name, value in to_parameters(query_string):
        if name in members:
            raise RequestError(f"the URL has {name} twice; give it once")
        if name in MEMBERS:
            members[name] = value
    for name in ("variables", "extensions"):
        text = members.get(name)
        members[name] = decode_json(text.encode(), name) if text else None
    members["operationName"] = members.get("operationName") or None
    return to_request(members)


def decode_json(text: bytes, name: str) -> Any:  # noqa: ANN401 -- whatever JSON can say
    """Read JSON; orjson bounds its depth, and the size of its numbers."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise RequestError(f"{name} is not JSON: {exc}") from exc


def to_request(members: dict[str, Any]) -> GraphqlRequest:
    """Check the members' types; null is as good as absent."""
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
