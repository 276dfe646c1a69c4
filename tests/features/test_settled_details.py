"""What lists of an upstream leave out is asked for job by job, and is stored, too."""

from pathlib import Path

from gateway.dialects.residue import JsonObject
from tests.upstreams.running import running_upstream
from tests.upstreams.settling import to_syncing
from tests.upstreams.standins.edge_impulse import to_stdout

JOBS, KILLS, WHOLE_S = 600, 2, 3.0


def with_stdout(job: JsonObject) -> JsonObject:
    """Add what a job printed, where it printed anything."""
    lines = to_stdout(job)
    return job | {"stdout": lines} if lines else job


async def test_the_logs_of_edge_impulse_are_stored(
    sqlite_url: str, tmp_path: Path
) -> None:
    with running_upstream("edge-impulse", JOBS, seed=7) as upstream:
        syncing = to_syncing(sqlite_url, upstream, tmp_path, logs=True)
        await syncing.settle(KILLS, WHOLE_S)
        assert await syncing.differences(with_stdout) == []


async def test_details_are_stored_where_the_list_of_sharedcloud_is_brief(
    sqlite_url: str, tmp_path: Path
) -> None:
    with running_upstream("sharedcloud", JOBS, seed=8) as upstream:
        brief_url = f"{upstream.base_url}/brief"
        syncing = to_syncing(sqlite_url, upstream, tmp_path, base_url=brief_url)
        await syncing.settle(KILLS, WHOLE_S)
        assert await syncing.differences() == []
