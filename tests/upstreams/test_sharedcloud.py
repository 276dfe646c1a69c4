"""sharedcloud's one list, and its single jobs."""

import pytest

from gateway.errors import BusyUpstreamError
from gateway.upstreams.kinds import Checkpoint, PageFacts
from gateway.upstreams.sharedcloud import Sharedcloud
from tests.upstreams.making import at, to_settings

SHAREDCLOUD = Sharedcloud(to_settings("sharedcloud"))
LOGS = {"build_logs": "", "stdout": None, "stderr": "e", "result": "1"}


def test_there_is_one_list_without_pages() -> None:
    walk = SHAREDCLOUD.begin(Checkpoint(target="t"), at(0))
    assert SHAREDCLOUD.to_page_request(walk).path == "/api/v1/jobs/"
    assert SHAREDCLOUD.advance(walk, PageFacts(count=9)) is None
    assert SHAREDCLOUD.resume(walk) == walk


def test_when_an_answer_was_made_says_nothing_of_a_job() -> None:
    document = {"uuid": "a", "current_server_time": "01-05-2026 12:00:00"}
    assert SHAREDCLOUD.parse_page([{**document}]).documents == [{"uuid": "a"}]
    assert SHAREDCLOUD.parse_job({**document}) == {"uuid": "a"}


def test_a_list_that_leaves_logs_out_is_known_by_their_absence() -> None:
    assert SHAREDCLOUD.lacks_detail({"uuid": "a", "stdout": ""})
    assert not SHAREDCLOUD.lacks_detail({"uuid": "a", **LOGS})


def test_a_jobs_own_document_takes_the_place_of_the_lists() -> None:
    own = {"uuid": "a", **LOGS}
    assert SHAREDCLOUD.add_detail({"uuid": "a"}, {**own}) == own
    assert SHAREDCLOUD.to_job_request("a").path == "/api/v1/jobs/a/"


@pytest.mark.parametrize("answer", [{"uuid": "b"}, [], None])
def test_another_jobs_document_does_not(answer: object) -> None:
    with pytest.raises(BusyUpstreamError):
        SHAREDCLOUD.add_detail({"uuid": "a"}, answer)  # type: ignore[arg-type]  # any JSON
