"""The types of the Relay specification: `Node` and `PageInfo`."""

import strawberry

from gateway.schema.fields import plain


@strawberry.interface(description="What can be fetched again by its global identifier.")
class Node:
    id: strawberry.ID = plain("Global identifier: opaque, and stable.")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = plain("Whether the list goes on after this page.")
    has_previous_page: bool = plain("Whether the list has something before this page.")
    start_cursor: str | None = plain("Cursor of the first; null: the page is empty.")
    end_cursor: str | None = plain("Cursor of the last; null: the page is empty.")
