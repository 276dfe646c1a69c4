"""Edge Impulse's interface: jobs by creation, their states, output, and usage."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from typing_extensions import override

from gateway.dialects.edge_impulse import decode_job
from gateway.dialects.residue import JsonObject
from gateway.errors import BusyUpstreamError
from gateway.instants import format_rfc3339
from gateway.records import JobSource, JsonValue
from gateway.upstreams.kinds import (
    FAILURE_ATTEMPTS,
    Checkpoint,
    Kind,
    ListPage,
    PageFacts,
    UpstreamRequest,
    Walk,
    parse_documents,
)

LIST_PATH = "/api/{project}/jobs/all"
USAGE_PATH = "/api/{project}/jobs/summary"


class EdgeImpulse(Kind):
    """The jobs of a project of Edge Impulse."""

    name = "edge-impulse"
    source = JobSource.EDGE_IMPULSE
    id_field = "id"
    job_path = "/api/{project}/jobs/{identifier}/status"
    detail_path = "/api/{project}/jobs/{identifier}/stdout"
    decode = staticmethod(decode_job)
    counts_created = True
    refetches_ended = True
    has_usage = True

    @override
    def to_headers(self, credential: str) -> Mapping[str, str]:
        return {"x-api-key": credential}

    @override
    def begin(self, checkpoint: Checkpoint, now: datetime) -> Walk:
        """Begin a window of creation that ends now: its jobs stay the same ones."""
        walk = super().begin(checkpoint, to_whole_ms(now))
        return walk.replace(since=walk.since and to_whole_ms(walk.since))

    @override
    def to_page_request(self, walk: Walk) -> UpstreamRequest:
        dates = {"startDate": walk.since, "endDate": walk.until}
        return UpstreamRequest(
            path=self.to_path(LIST_PATH),
            params={
                **{name: format_ms(at) for name, at in dates.items() if at is not None},
                "limit": str(walk.page_size),
                "offset": str(walk.position),
            },
        )

    @override
    def parse_page(self, answer: JsonValue) -> ListPage:
        found = parse_success(answer)
        total = found.get("totalJobCount")
        return ListPage(
            documents=parse_documents(found.get("jobs"), "the list of jobs"),
            total=total if isinstance(total, int) else None,
        )

    @override
    def is_doubtful(self, walk: Walk, page: PageFacts) -> bool:
        """Tell whether a page is empty, although the list counts more jobs."""
        return not page.count and page.total is not None and walk.position < page.total

    @override
    def advance(self, walk: Walk, page: PageFacts) -> Walk | None:
        """Go on by as many jobs as came, until there are no more.

        A repeated page is no end while the list counts more jobs: the page before may
        have been the wrong one. What a resumed walk misses shows in the count.
        """
        position = walk.position + page.count
        is_all_given = page.total is None or position >= page.total
        if not page.count or (page.is_repeated and is_all_given):
            return None
        tops = [top for top in (walk.top, page.latest) if top is not None]
        return walk.replace(position=position, top=max(tops, default=None))

    @override
    def parse_job(self, answer: JsonValue) -> JsonObject | None:
        """Parse a job; a failure means that there is none."""
        if isinstance(answer, dict) and answer.get("success") is False:
            return None
        job = parse_success(answer).get("job")
        if not isinstance(job, dict):
            raise BusyUpstreamError("the answer has no job")
        return job

    @override
    def lacks_detail(self, document: JsonObject) -> bool:
        return self.settings.logs and "stdout" not in document

    @override
    def add_detail(self, document: JsonObject, answer: JsonValue) -> JsonObject:
        lines = parse_success(answer).get("stdout")
        if not isinstance(lines, list):
            raise BusyUpstreamError("the answer has no output")
        return {**document, "stdout": lines} if lines else document

    @override
    def to_usage_request(self, start: datetime, end: datetime) -> UpstreamRequest:
        return UpstreamRequest(
            path=self.to_path(USAGE_PATH),
            params={"startDate": format_ms(start), "endDate": format_ms(end)},
            max_attempts=FAILURE_ATTEMPTS,
        )

    @override
    def parse_usage(self, answer: JsonValue) -> Mapping[str, int]:
        rows = parse_documents(parse_success(answer).get("summary"), "the summary")
        sums: dict[str, int] = {}
        for row in rows:
            category, length_ms = row.get("category"), row.get("lengthMs")
            if not isinstance(category, str) or not isinstance(length_ms, int):
                raise BusyUpstreamError("the summary has no categories and lengths")
            sums[category] = sums.get(category, 0) + length_ms
        return sums


def to_whole_ms(instant: datetime) -> datetime:
    """Cut an instant to whole milliseconds, as the interface has them."""
    return instant - timedelta(microseconds=instant.microsecond % 1000)


def format_ms(instant: datetime) -> str:
    """Format an instant as the JavaScript client does."""
    return format_rfc3339(instant, "milliseconds")


def parse_success(answer: JsonValue) -> JsonObject:
    """Refuse an answer that reports a failure, which comes with the status 200.

    Raises:
        BusyUpstreamError: It does; its text may hold what logs should not.
    """
    if not isinstance(answer, dict):
        raise BusyUpstreamError("the answer is no JSON object")
    if answer.get("success") is not True:
        raise BusyUpstreamError(
            "the answer says that the request failed", attempts=FAILURE_ATTEMPTS
        )
    return answer
