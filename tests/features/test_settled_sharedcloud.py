"""sharedcloud: in the end its jobs are stored, whatever happens on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.upstreams.running import Upstream, running_upstream
from tests.upstreams.settling import to_syncing

JOBS, SEED, KILLS, WHOLE_S = 50_000, 6, 4, 6.0


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with running_upstream("sharedcloud", JOBS, SEED) as running:
        yield running


async def test_a_killed_sync_settles_on_exactly_the_jobs_of_sharedcloud(
    database_url: str, upstream: Upstream, tmp_path: Path
) -> None:
    syncing = to_syncing(database_url, upstream, tmp_path)
    last = await syncing.settle(KILLS, WHOLE_S)
    assert await syncing.differences() == []
    assert "new 0, updated 0" in last.stdout
    assert (await syncing.verify_usage()).code == 0
