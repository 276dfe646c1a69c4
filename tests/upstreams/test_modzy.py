"""Modzy's history: where a walk goes, and where it ends."""

from datetime import datetime

import pytest

from gateway.errors import BusyUpstreamError
from gateway.upstreams.kinds import Checkpoint, PageFacts, Walk
from gateway.upstreams.modzy import Modzy
from tests.upstreams.making import at, to_settings

MODZY = Modzy(to_settings(page_size=100, overlap_s=60))
NEW = Checkpoint(target="t")


def begin(mark: datetime | None = None) -> Walk:
    return MODZY.begin(NEW.replace(mark=mark), at(1_000))


def advance(walk: Walk, *pages: tuple[int, float]) -> Walk:
    """Go on over pages, each of a number of jobs and the instant of its latest."""
    for count, latest in pages:
        following = MODZY.advance(walk, PageFacts(count=count, latest=at(latest)))
        assert following is not None
        walk = following
    return walk


def ends(walk: Walk, count: int, latest: float = 0) -> bool:
    return MODZY.advance(walk, PageFacts(count=count, latest=at(latest))) is None


def test_the_latest_change_comes_first() -> None:
    request = MODZY.to_page_request(begin())
    assert request.path == "/jobs/history"
    assert request.params == {
        "status": "all",
        "sort-by": "updatedAt",
        "direction": "DESC",
        "page": "1",
        "per-page": "100",
    }


def test_the_first_walk_ends_after_two_empty_pages() -> None:
    walk = advance(begin(), (100, 900), (100, 800))
    assert not ends(walk, 0)
    empty = MODZY.advance(walk, PageFacts(count=0))
    assert empty is not None
    assert ends(empty, 0)


def test_the_same_page_again_and_again_ends_a_walk() -> None:
    again = PageFacts(count=100, is_repeated=True, latest=at(900))
    walk = MODZY.advance(advance(begin(), (100, 900)), again)
    assert walk is not None
    assert MODZY.advance(walk, again) is None


def test_a_job_after_an_empty_page_keeps_the_walk_going() -> None:
    walk = MODZY.advance(advance(begin(), (100, 900)), PageFacts(count=0))
    assert walk is not None
    assert not ends(advance(walk, (1, 10)), 0)


def test_a_later_walk_ends_after_two_pages_older_than_the_mark_and_overlap() -> None:
    walk = advance(begin(at(500)), (100, 900), (100, 439))
    assert ends(walk, 100, 420)
    assert not ends(walk, 100, 441)


def test_the_mark_is_what_was_latest_when_the_walk_began() -> None:
    walk = advance(begin(), (100, 900), (100, 950))
    assert walk.top == at(900)


def test_a_clock_ahead_of_ours_does_not_move_the_mark_into_the_future() -> None:
    assert advance(begin(), (100, 99_999)).top == at(1_000)


def test_a_server_that_gives_fewer_is_asked_for_as_many_as_it_gives() -> None:
    walk = advance(begin(), (40, 900))
    assert (walk.position, walk.page_size) == (2, 40)
    assert advance(walk, (30, 800)).page_size == 40


def test_only_a_short_first_page_is_doubtful() -> None:
    assert MODZY.is_doubtful(begin(), PageFacts(count=99))
    assert not MODZY.is_doubtful(begin(), PageFacts(count=100))
    assert not MODZY.is_doubtful(begin(), PageFacts(count=0))
    assert not MODZY.is_doubtful(advance(begin(), (100, 900)), PageFacts(count=99))


def test_a_walk_is_taken_up_one_page_before() -> None:
    walk = advance(begin(), (100, 900), (100, 800))
    assert MODZY.resume(walk).position == 2
    assert MODZY.resume(begin()).position == 1


@pytest.mark.parametrize("answer", [{"data": []}, None, "jobs"])
def test_what_is_no_list_is_asked_for_again(answer: object) -> None:
    with pytest.raises(BusyUpstreamError, match="the job history is no list"):
        MODZY.parse_page(answer)  # type: ignore[arg-type]  # any JSON


def test_an_identifier_cannot_lead_elsewhere() -> None:
    assert MODZY.to_job_request("../a?b").path == "/jobs/..%2Fa%3Fb"


def test_of_a_key_the_prefix_may_be_shown() -> None:
    assert MODZY.to_public("prefix.body") == "prefix.***"
    assert MODZY.to_public("body") == "***"
