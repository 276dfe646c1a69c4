import asyncio

from gateway.upstreams.pace import Pace


async def test_requests_go_no_faster_than_is_set() -> None:
    pace = Pace(50)
    started_s = pace.next_s
    await asyncio.gather(*(pace.wait() for _ in range(11)))
    assert pace.next_s >= started_s + 11 / 50


async def test_without_a_limit_nothing_waits() -> None:
    pace = Pace(None, clock=lambda: 5.0)
    await pace.wait()
    assert pace.next_s == 5.0


async def test_a_pause_holds_all_back_and_a_shorter_one_does_not_end_it() -> None:
    pace = Pace(None)
    started_s = pace.next_s
    pace.pause(0.1)
    pace.pause(0.01)
    await asyncio.gather(pace.wait(), pace.wait())
    assert pace.clock() >= started_s + 0.1
