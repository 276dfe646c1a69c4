"""Of many processes one reads an upstream, and a dead one is followed by another."""

import asyncio

import pytest

from gateway.errors import LostLeaseError
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.rows import to_job_row
from gateway.upstreams.kinds import Checkpoint
from gateway.upstreams.lease import Lease
from gateway.upstreams.reader import UpstreamReader
from gateway.upstreams.sinks import StoreSink
from tests.factories import make_job
from tests.upstreams.making import to_modzy, to_upstream
from tests.upstreams.sites import serving, to_json
from tests.upstreams.syncs import read_jobs, read_row, sync, to_syncing


async def to_reader(settings: Settings, database: Database) -> UpstreamReader:
    """Make the reader of an upstream that the store knows."""
    [reader] = to_syncing(settings, database, [to_upstream()]).readers
    await reader.register()
    return reader


def to_lease(reader: UpstreamReader, length_s: float = 30) -> Lease:
    return Lease(database=reader.database, key=reader.key, length_s=length_s)


async def test_one_process_has_an_upstream_at_a_time(
    settings: Settings, database: Database
) -> None:
    reader = await to_reader(settings, database)
    one, other = to_lease(reader), to_lease(reader)
    assert [await one.take(), await other.take(), await one.take()] == [
        True,
        False,
        True,
    ]
    await one.release()
    assert await other.take()


async def test_a_lease_that_ran_out_is_anybodys(
    settings: Settings, database: Database
) -> None:
    reader = await to_reader(settings, database)
    dead, other = to_lease(reader, length_s=-1), to_lease(reader)
    assert await dead.take()
    assert await other.take()
    await dead.release()
    assert (await read_row(database))["lease_owner"] == other.owner


async def test_a_lease_is_renewed_as_long_as_it_is_held(
    settings: Settings, database: Database
) -> None:
    reader = await to_reader(settings, database)
    lease, other = to_lease(reader, length_s=0.3), to_lease(reader)
    assert await lease.take()
    before = (await read_row(database))["lease_until"]
    async with lease.held():
        await asyncio.sleep(0.5)
        assert (await read_row(database))["lease_until"] > before
        assert not await other.take()
    assert await other.take()


async def test_who_has_lost_the_lease_writes_nothing(
    settings: Settings, database: Database
) -> None:
    reader = await to_reader(settings, database)
    lost, other = to_lease(reader, length_s=-1), to_lease(reader)
    assert await lost.take()
    assert await other.take()
    sink = StoreSink(
        database=database, key=reader.key, scope=reader.scope, owner=lost.owner
    )
    with pytest.raises(LostLeaseError, match="another process has taken over modzy"):
        await sink.write([to_job_row(make_job())], Checkpoint(target="t"))
    assert await read_jobs(database) == {}
    assert (await read_row(database))["checkpoint"] is None


async def test_an_upstream_that_another_process_reads_is_left_alone(
    settings: Settings, database: Database
) -> None:
    async with serving(lambda _: to_json([to_modzy(1)])) as site:
        upstream = to_upstream(base_url=site.address)
        [reader] = to_syncing(settings, database, [upstream]).readers
        await reader.register()
        assert await to_lease(reader).take()
        [report] = await sync(settings, database, upstream)
    assert (report.error, site.asked) == ("another process reads it", [])


async def test_a_round_waits_for_the_lease_of_a_dead_process(
    settings: Settings, database: Database
) -> None:
    async with serving(lambda _: to_json([])) as site:
        upstream = to_upstream(base_url=site.address)
        [reader] = to_syncing(settings, database, [upstream]).readers
        await reader.register()
        assert await to_lease(reader, length_s=0.5).take()
        [report] = await sync(settings, database, upstream)
    assert report.is_good
