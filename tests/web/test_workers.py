import asyncio
import os
import signal
from collections import Counter

import pytest

from tests.web.processes import Fate, ask, ask_on, keep_asking, running

CLIENTS = 30


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_no_accepted_request_is_lost_at_the_end(
    workers: str, number: signal.Signals
) -> None:
    async with running(workers, "slow") as served:
        clients = [
            asyncio.create_task(keep_asking(served.port)) for _ in range(CLIENTS)
        ]
        # The first answers show that the workers are up; more requests are running.
        await ask(served.port)
        code = await served.stop(number)
        fates = sum(await asyncio.gather(*clients), Counter[Fate]())
        begun = await served.begun()
    assert code == 0
    assert fates[Fate.ANSWERED] + 1 == begun  # the one of `ask` above
    # Between the last look into the kernel's queue and the end of the listener one more
    # connection may come: the kernel has no way to do both at once.
    assert fates[Fate.LOST] <= 1
    assert fates[Fate.ANSWERED] >= CLIENTS


async def test_a_request_on_its_way_at_the_end_is_answered() -> None:
    async with running("1", "slow") as served:
        await ask(served.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        # Its turn comes after the other connection's: the server has accepted it.
        await ask(served.port)
        ending = asyncio.create_task(served.stop())
        await keep_asking(served.port)
        body = await ask_on(reader, writer)
        writer.close()
        await writer.wait_closed()
        assert (await ending, body) == (0, b"%d" % served.process.pid)


async def test_workers_share_the_work_and_the_dead_are_replaced() -> None:
    async with running("2", "slow") as served:
        before = await to_workers(served.port, 2)
        with pytest.raises((OSError, EOFError)):
            await ask(served.port, "/die")
        after = await to_workers(served.port, 2, other_than=before)
        assert await served.stop() == 0
    assert len(before & after) == 1
    assert served.process.pid not in before | after


async def to_workers(
    port: int, count: int, *, other_than: frozenset[int] = frozenset()
) -> frozenset[int]:
    """Ask until so many processes have answered, and not only the ones known."""
    async with asyncio.timeout(30):
        while True:
            asked = (ask(port) for _ in range(20))
            pids = frozenset(int(each) for each in await asyncio.gather(*asked))
            if len(pids) == count and pids != other_than:
                return pids


async def test_workers_that_cannot_start_end_the_whole() -> None:
    async with running("2", "none") as served:
        assert await served.exit_code() == 1


async def test_workers_do_not_outlive_their_parent() -> None:
    async with running("2", "slow") as served:
        workers = await to_workers(served.port, 2)
        served.process.kill()
        await served.exit_code()
        await asyncio.gather(*(to_end(pid) for pid in workers))


async def to_end(pid: int) -> None:
    """Wait until there is no process of the id."""
    ended = asyncio.Event()
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    asyncio.get_running_loop().add_reader(watched, ended.set)
    await asyncio.wait_for(ended.wait(), 30)
    asyncio.get_running_loop().remove_reader(watched)
    os.close(watched)
