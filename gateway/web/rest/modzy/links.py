"""A page of Modzy's job history to its `Link` header (RFC 8288)."""

from collections.abc import Iterator
from urllib.parse import urlencode

from gateway.web.reply import RawHeaders
from gateway.web.rest.modzy import parameters as given
from gateway.web.rest.routes import Call


def to_links(call: Call, *, page: int, has_next: bool, last: int | None) -> RawHeaders:
    """Link to the pages around a page.

    Args:
        call: Asked for it.
        page: Its number.
        has_next: Whether there are jobs behind it.
        last: The number of the last page, where that is known.
    """
    links = ", ".join(
        f'<{to_url(call, number)}>; rel="{name}"'
        for name, number in to_pages(page, has_next=has_next, last=last)
    )
    return ((b"link", links.encode("ascii")),)


def to_pages(
    page: int, *, has_next: bool, last: int | None
) -> Iterator[tuple[str, int]]:
    """Name the pages there are."""
    yield "first", 1
    if page > 1:
        yield "prev", page - 1
    if has_next:
        yield "next", page + 1
    if last is not None:
        yield "last", last


def to_url(call: Call, page: int) -> str:
    """Write what was asked for, with another page."""
    others = [pair for pair in call.query.pairs if pair[0] != given.PAGE.name]
    return f"{call.url}?{urlencode([*others, (given.PAGE.name, page)])}"
