"""Request headers by name."""

from collections.abc import Iterable

from gateway.errors import RequestError


class RequestHeaders:
    """The headers of an ASGI request, indexed once.

    Attributes:
        has_cookies: Whether there is a `cookie` header.
    """

    __slots__ = ("has_cookies", "index")

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self.index: dict[bytes, list[bytes]] = {}
        for name, value in raw:
            self.index.setdefault(name, []).append(value)
        self.has_cookies = b"cookie" in self.index

    def values_of(self, name: str) -> list[str]:
        """Give all values of a header; its name is in lower case."""
        values = self.index.get(name.encode("ascii"))
        return [value.decode("latin-1") for value in values] if values else []

    def explicit_values_of(self, name: str) -> list[str]:
        """Give all values of a header, but none of `cookie`."""
        return [] if name == "cookie" else self.values_of(name)

    def joined(self, name: str) -> str:
        """Give all values of a header, joined with commas; empty if it is absent."""
        return ",".join(self.values_of(name))

    def one(self, name: str) -> str | None:
        """Give the value of a header that may come once; None if it is absent.

        Raises:
            RequestError: It comes twice: a proxy might read the other one.
        """
        values = self.values_of(name)
        if len(values) > 1:
            raise RequestError(f"the request has two {name} headers; send one")
        return values[0] if values else None
