"""What clients ask, and what a stand-in has to say, before the wire spoils it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from tests.upstreams.standins.book import Book
from tests.upstreams.standins.lies import Lie


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request without a body.

    Attributes:
        headers: By their names in lower case.
        lie: What is not true of a page, if anything is.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    lie: Lie | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, and how many jobs it brings."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    jobs: int = 0


Respond = Callable[[Request, Book], Answer]


class RequestError(Exception):
    """A request that the system refuses."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def to_json(value: object, status: int = 200, jobs: int = 0) -> Answer:
    """Answer with JSON."""
    headers = {"content-type": "application/json"}
    body = orjson.dumps(value)
    return Answer(status=status, headers=headers, body=body, jobs=jobs)


def to_instant(text: str) -> datetime:
    """Read an instant of a query; one without an offset is UTC.

    Raises:
        RequestError: It is none.
    """
    try:
        # A plus that was not encoded has become a space.
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as exc:
        raise RequestError(400, f"{text} is no date") from exc
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
