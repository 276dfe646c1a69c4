import asyncio

import pytest

from gateway.auth.background import repeated


class Worker:
    """Counts, fails the first time, and says when it has done enough."""

    def __init__(self, *, wanted: int) -> None:
        self.done = 0
        self.wanted = wanted
        self.is_enough = asyncio.Event()

    async def work(self) -> float:
        self.done += 1
        if self.done == self.wanted:
            self.is_enough.set()
            return 60
        return 0


async def test_work_is_done_again_until_the_block_ends() -> None:
    worker = Worker(wanted=3)
    async with repeated(worker.work):
        await worker.is_enough.wait()
    assert worker.done == 3


async def fail() -> float:
    raise RuntimeError("trouble")


async def test_what_goes_wrong_is_logged_and_ends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with repeated(fail):
        await asyncio.sleep(0)
    (line,) = caplog.records
    assert line.getMessage() == "work beside the requests failed unexpectedly"
