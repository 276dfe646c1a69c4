"""Modzy's interface: the history, the latest change first, and single jobs."""

from collections.abc import Mapping
from datetime import datetime

from typing_extensions import override

from gateway.dialects.modzy import decode_job
from gateway.records import JobRecord, JobSource, JsonValue
from gateway.upstreams.kinds import (
    Kind,
    ListPage,
    PageFacts,
    UpstreamRequest,
    Walk,
    parse_documents,
)

FIRST_PAGE = 1
# Two: a single page may be empty by mistake, or swapped with its neighbour.
MAX_IDLE_PAGES = 2


class Modzy(Kind):
    """Modzy's job history."""

    name = "modzy"
    source = JobSource.MODZY
    id_field = "jobIdentifier"
    job_path = "/jobs/{identifier}"
    first_position = FIRST_PAGE
    decode = staticmethod(decode_job)

    @override
    def to_headers(self, credential: str) -> Mapping[str, str]:
        return {"authorization": f"ApiKey {credential}"}

    @override
    def to_public(self, credential: str) -> str:
        # Jobs say by the prefix who submitted them.
        prefix, dot, _ = credential.partition(".")
        return f"{prefix}.***" if dot else "***"

    @override
    def to_page_request(self, walk: Walk) -> UpstreamRequest:
        return UpstreamRequest(
            path="/jobs/history",
            params={
                "status": "all",
                "sort-by": "updatedAt",
                "direction": "DESC",
                "page": str(walk.position),
                "per-page": str(walk.page_size),
            },
        )

    @override
    def parse_page(self, answer: JsonValue) -> ListPage:
        return ListPage(documents=parse_documents(answer, "the job history"))

    @override
    def is_doubtful(self, walk: Walk, page: PageFacts) -> bool:
        """Tell whether a first page is short: of a small history, or cut off."""
        is_first = walk.position == FIRST_PAGE and not walk.is_resized
        return is_first and 0 < page.count < walk.page_size

    @override
    def advance(self, walk: Walk, page: PageFacts) -> Walk | None:
        """Go on to the next page until several have nothing new.

        Meanwhile jobs only move to later pages as others come or change; those that
        change move to the front, where the next walk finds them. None is missed.
        """
        idle_pages = walk.idle_pages + 1 if is_idle(walk, page) else 0
        if idle_pages >= MAX_IDLE_PAGES:
            return None
        following = walk.replace(position=walk.position + 1, idle_pages=idle_pages)
        if walk.position > FIRST_PAGE or not page.count:
            return following
        if page.latest is not None:
            following = following.replace(top=min(page.latest, walk.until))
        if page.count < walk.page_size:
            # The server caps its pages, or has no more. Whether it numbers pages by the
            # size requested or by its cap, from now on both are the same.
            following = following.replace(page_size=page.count, is_resized=True)
        return following

    @override
    def resume(self, walk: Walk) -> Walk:
        """Read the last page again: its jobs are known to the other process alone."""
        position = max(FIRST_PAGE, walk.position - 1)
        return walk.replace(position=position, idle_pages=0)

    @override
    def instant_of(self, record: JobRecord) -> datetime:
        return record.updated_at


def is_idle(walk: Walk, page: PageFacts) -> bool:
    """Tell whether a page has nothing later than what is known.

    That holds, too, where an upstream gives the same page for every number.
    """
    if not page.count or page.is_repeated:
        return True
    if walk.since is None or page.latest is None:
        return False
    return page.latest < walk.since
