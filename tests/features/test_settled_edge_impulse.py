"""Edge Impulse: in the end its jobs are stored, whatever happens on the way."""

from pathlib import Path

from tests.upstreams.running import running_upstream
from tests.upstreams.settling import to_syncing

SEED, KILLS = 4, 3
# Jobs, and within how many seconds after its first request a round is killed.
SIZES = {"sqlite": (50_000, 6.0), "postgresql": (10_000, 2.0)}


async def test_a_killed_sync_settles_on_exactly_the_jobs_of_edge_impulse(
    database_url: str, tmp_path: Path
) -> None:
    jobs, most_s = SIZES[database_url.partition(":")[0]]
    with running_upstream("edge-impulse", jobs, SEED) as upstream:
        syncing = to_syncing(database_url, upstream, tmp_path)
        last = await syncing.settle(KILLS, most_s)
        assert await syncing.differences() == []
        assert "new 0, updated 0" in last.stdout
        assert (await syncing.verify_usage()).code == 0
