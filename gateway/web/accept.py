"""Parses the Accept header, and chooses the media type of the answer."""

from collections.abc import Iterator
from functools import lru_cache

from starlette.requests import Request

from gateway.web.reply import MediaType

GRAPHQL = MediaType.GRAPHQL.value.decode("ascii")
JSON = MediaType.JSON.value.decode("ascii")


@lru_cache(maxsize=100)
def choose_media_type(accept: str) -> MediaType:
    """Choose the media type of a GraphQL answer: JSON where the client does not say.

    A header that names neither is disregarded, as the specification allows: a client
    that cannot read JSON has no use for a 406 either.
    """
    if accept in {"", "*/*", JSON}:
        return MediaType.JSON
    accept = accept.lower()
    if GRAPHQL not in accept:
        return MediaType.JSON
    weight = weight_of(accept, GRAPHQL)
    # Of two equally welcome types this one says more: its status is the operation's.
    is_graphql = 0 < weight >= weight_of(accept, JSON)
    return MediaType.GRAPHQL if is_graphql else MediaType.JSON


def prefers_html(request: Request) -> bool:
    """Tell a browser that opens the address from a client that sends a query."""
    if request.method not in {"GET", "HEAD"} or "query" in request.query_params:
        return False
    accept = ",".join(request.headers.getlist("accept"))
    json_weight = max(weight_of(accept, GRAPHQL), weight_of(accept, JSON))
    return weight_of(accept, "text/html") > json_weight


def weight_of(accept: str, media_type: str) -> float:
    """Find the weight, 0 to 1, that an Accept header gives to a media type.

    The most specific range decides (RFC 9110, section 12.5.1).
    """
    weights = dict(parse_accept(accept))
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((weights[each] for each in ranges if each in weights), 0.0)


def parse_accept(accept: str) -> Iterator[tuple[str, float]]:
    """Split an Accept header into media ranges and weights; a malformed weight is 0."""
    for part in accept.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        is_number = weight.replace(".", "", 1).isdecimal() and weight.isascii()
        yield name, min(float(weight), 1.0) if is_number else 0.0
