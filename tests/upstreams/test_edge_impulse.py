"""Edge Impulse's lists, states, output and sums: what is asked, and how it is read."""

from typing import Any

import pytest

from gateway.errors import BusyUpstreamError
from gateway.records import JsonValue
from gateway.upstreams.edge_impulse import EdgeImpulse
from gateway.upstreams.kinds import Checkpoint, PageFacts, Walk
from tests.upstreams.making import at, to_settings

EDGE_IMPULSE = EdgeImpulse(to_settings("edge-impulse", page_size=100, overlap_s=60))
NEW = Checkpoint(target="t")
OK = {"success": True}


def begin(checkpoint: Checkpoint = NEW) -> Walk:
    return EDGE_IMPULSE.begin(checkpoint, at(1_000.0019))


def test_the_first_window_is_all_up_to_now() -> None:
    request = EDGE_IMPULSE.to_page_request(begin())
    assert request.path == "/api/7/jobs/all"
    assert request.params == {
        "endDate": "2026-05-01T12:16:40.001Z",
        "limit": "100",
        "offset": "0",
    }


def test_a_later_window_begins_a_while_before_the_mark() -> None:
    request = EDGE_IMPULSE.to_page_request(begin(NEW.replace(mark=at(600))))
    assert request.params["startDate"] == "2026-05-01T12:09:00.000Z"


def test_the_next_part_begins_after_as_many_as_came() -> None:
    walk = EDGE_IMPULSE.advance(begin(), PageFacts(count=30, latest=at(5)))
    assert walk is not None
    assert (walk.position, walk.top) == (30, at(5))
    walk = EDGE_IMPULSE.advance(walk, PageFacts(count=7, latest=at(3)))
    assert walk is not None
    assert (walk.position, walk.top) == (37, at(5))


def test_a_window_ends_where_nothing_or_nothing_else_comes() -> None:
    again = PageFacts(count=5, is_repeated=True, latest=at(5))
    assert EDGE_IMPULSE.advance(begin(), PageFacts(count=0)) is None
    assert EDGE_IMPULSE.advance(begin(), again) is None


def test_a_page_that_comes_again_is_no_end_while_more_jobs_are_counted() -> None:
    walk = begin().replace(position=10)
    again = PageFacts(count=5, is_repeated=True, latest=at(5), total=16)
    following = EDGE_IMPULSE.advance(walk, again)
    assert following is not None
    assert following.position == 15
    assert EDGE_IMPULSE.advance(following, again) is None


@pytest.mark.parametrize(
    ("count", "total", "is_doubtful"),
    [(0, 11, True), (0, 10, False), (0, None, False), (1, 11, False)],
)
def test_an_empty_page_is_doubtful_while_more_jobs_are_counted(
    *, count: int, total: int | None, is_doubtful: bool
) -> None:
    walk, page = begin().replace(position=10), PageFacts(count=count, total=total)
    assert EDGE_IMPULSE.is_doubtful(walk, page) is is_doubtful


def test_a_list_tells_how_many_jobs_it_has() -> None:
    found = EDGE_IMPULSE.parse_page({**OK, "jobs": [{"id": 1}], "totalJobCount": 9})
    assert (found.documents, found.total) == ([{"id": 1}], 9)


FAILURES: dict[str, Any] = {
    "a failure": {"success": False, "error": "Invalid API key"},
    "no success": {"jobs": []},
    "no object": [],
    "no list": {**OK, "jobs": {}},
}


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
def test_a_failure_is_asked_again_and_its_words_are_not_repeated(answer: Any) -> None:  # noqa: ANN401 -- any JSON
    with pytest.raises(BusyUpstreamError) as refused:
        EDGE_IMPULSE.parse_page(answer)
    assert "API key" not in refused.value.message


def test_a_failure_to_show_a_job_means_that_there_is_none() -> None:
    assert EDGE_IMPULSE.parse_job({"success": False, "error": "No such job"}) is None
    assert EDGE_IMPULSE.parse_job({**OK, "job": {"id": 1}}) == {"id": 1}
    with pytest.raises(BusyUpstreamError, match="the answer has no job"):
        EDGE_IMPULSE.parse_job(OK)  # type: ignore[arg-type]  # a JSON object


def test_output_is_added_to_a_job() -> None:
    lines = [{"created": "2026-05-01T12:00:00Z", "data": "epoch 1\n"}]
    answer: Any = {**OK, "stdout": lines, "totalCount": 1}
    assert EDGE_IMPULSE.add_detail({"id": 1}, answer) == {"id": 1, "stdout": lines}
    assert EDGE_IMPULSE.add_detail({"id": 1}, {**OK, "stdout": []}) == {"id": 1}
    with pytest.raises(BusyUpstreamError, match="no output"):
        EDGE_IMPULSE.add_detail({"id": 1}, {**OK})


@pytest.mark.parametrize("wants_logs", [True, False])
def test_output_is_asked_for_where_it_is_wanted(*, wants_logs: bool) -> None:
    kind = EdgeImpulse(to_settings("edge-impulse", logs=wants_logs))
    assert kind.lacks_detail({"id": 1}) is wants_logs
    assert not kind.lacks_detail({"id": 1, "stdout": []})


def test_sums_are_by_category() -> None:
    rows: list[JsonValue] = [
        {"category": "A", "lengthMs": 3},
        {"category": "B", "lengthMs": 4},
        {"category": "A", "lengthMs": 5},
    ]
    assert EDGE_IMPULSE.parse_usage({**OK, "summary": [*rows]}) == {"A": 8, "B": 4}
    with pytest.raises(BusyUpstreamError, match="no categories and lengths"):
        EDGE_IMPULSE.parse_usage({**OK, "summary": [{"category": "A"}]})
