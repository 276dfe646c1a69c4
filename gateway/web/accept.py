"""The Accept header to the media type of the answer."""

from functools import lru_cache

from gateway.web.graphiql import to_quality
from gateway.web.reply import MediaType

GRAPHQL = MediaType.GRAPHQL.value.decode("ascii")
JSON = MediaType.JSON.value.decode("ascii")


@lru_cache(maxsize=100)
def choose_media_type(accept: str) -> MediaType:
    """Choose what the client prefers, or JSON where it does not say.

    A header that names neither is disregarded, as the specification allows: a client
    that cannot read JSON has no use for a 406 either.
    """
    if accept in {"", "*/*", JSON}:
        return MediaType.JSON
    accept = accept.lower()
    if GRAPHQL not in accept:
        return MediaType.JSON
    weight = to_quality(accept, GRAPHQL)
    # Of two that are equally welcome the more telling one wins.
    is_graphql = 0 < weight >= to_quality(accept, JSON)
    return MediaType.GRAPHQL if is_graphql else MediaType.JSON
