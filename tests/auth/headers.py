"""Requests for tests, as far as credentials go."""

from collections.abc import Sequence

from gateway.auth.credentials import HeaderValues


def to_headers(*pairs: tuple[str, str]) -> HeaderValues:
    """Give the headers of a request the way a web framework does."""

    def values_of(name: str) -> Sequence[str]:
        return [value for header, value in pairs if header == name]

    return values_of
