"""The `Link` header (RFC 8288) of a page of Modzy's job history."""

from collections.abc import Iterator
from urllib.parse import urlencode

from gateway.web.reply import RawHeaders
from gateway.web.rest.modzy import parameters as given
from gateway.web.rest.routes import Call


def to_link(call: Call, *, page: int, has_next: bool, last: int | None) -> RawHeaders:
    """Make the header that links to other pages of a list.

    Args:
        call: The request.
        page: The number of its page.
        has_next: Whether another page follows.
        last: The number of the last page, if known.
    """
    links = ", ".join(
        f'<{to_page_url(call, number)}>; rel="{name}"'
        for name, number in list_pages(page, has_next=has_next, last=last)
    )
    return ((b"link", links.encode("ascii")),)


def list_pages(
    page: int, *, has_next: bool, last: int | None
) -> Iterator[tuple[str, int]]:
    """List the relations and numbers of the linked pages."""
    yield "first", 1
    if page > 1:
        yield "prev", page - 1
    if has_next:
        yield "next", page + 1
    if last is not None:
        yield "last", last


def to_page_url(call: Call, page: int) -> str:
    """Give the requested URL, but of another page."""
    others = [pair for pair in call.query.pairs if pair[0] != given.PAGE.name]
    return f"{call.url}?{urlencode([*others, (given.PAGE.name, page)])}"
