"""sharedcloud's interface: one list of all jobs, and single jobs with their logs."""

from collections.abc import Mapping

from typing_extensions import override

from gateway.dialects.residue import JsonObject
from gateway.dialects.sharedcloud import decode_job
from gateway.errors import BusyUpstreamError
from gateway.records import JobSource, JsonValue
from gateway.upstreams.kinds import (
    Kind,
    ListPage,
    UpstreamRequest,
    Walk,
    parse_documents,
)

# What a list may leave out.
DETAILS = ("build_logs", "stdout", "stderr", "result")
# When the answer was made, which is no part of the job.
CLOCK = "current_server_time"


class Sharedcloud(Kind):
    """sharedcloud's list of jobs, which has no pages."""

    name = "sharedcloud"
    source = JobSource.SHAREDCLOUD
    id_field = "uuid"
    job_path = "/api/v1/jobs/{identifier}/"
    decode = staticmethod(decode_job)
    is_paged = False

    @override
    def to_headers(self, credential: str) -> Mapping[str, str]:
        return {"authorization": f"Token {credential}"}

    @override
    def to_page_request(self, _: Walk) -> UpstreamRequest:
        return UpstreamRequest(path="/api/v1/jobs/")

    @override
    def parse_page(self, answer: JsonValue) -> ListPage:
        documents = parse_documents(answer, "the list of jobs")
        return ListPage(documents=[without_clock(each) for each in documents])

    @override
    def parse_job(self, answer: JsonValue) -> JsonObject | None:
        found = super().parse_job(answer)
        return found and without_clock(found)

    @override
    def lacks_detail(self, document: JsonObject) -> bool:
        return any(key not in document for key in DETAILS)

    @override
    def add_detail(self, document: JsonObject, answer: JsonValue) -> JsonObject:
        """Take the document of the single job instead.

        Raises:
            BusyUpstreamError: It is another job's, or malformed.
        """
        found = self.parse_job(answer)
        if found is None or found.get("uuid") != document.get("uuid"):
            raise BusyUpstreamError("another job came than was asked for")
        return found


def without_clock(document: JsonObject) -> JsonObject:
    """Leave out when the answer was made."""
    return {key: value for key, value in document.items() if key != CLOCK}
