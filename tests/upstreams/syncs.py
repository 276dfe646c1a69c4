"""Rounds of upstreams into a test's database, and what they leave there."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import select

from gateway.query.usage.by_source import read_category_sums
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.tables import job_logs, jobs, upstreams
from gateway.upstream_settings import ConfiguredUpstream
from gateway.upstreams.reader import Report
from gateway.upstreams.syncing import Syncing, Tell


def ignore(_: Report) -> None:
    """Tell nobody."""


def to_syncing(
    settings: Settings,
    database: Database,
    found: Sequence[ConfiguredUpstream],
    tell: Tell = ignore,
) -> Syncing:
    """Make what reads upstreams, with a lease that ends soon."""
    return Syncing(
        settings.replace(sync_lease_s=1),
        database,
        found,
        tell=tell,
        read_usage=partial(read_category_sums, database),
    )


async def sync(
    settings: Settings, database: Database, *found: ConfiguredUpstream
) -> Sequence[Report]:
    """Read a round of each upstream, as `gateway sync --once` does."""
    return await to_syncing(settings, database, found).run_once()


async def read_jobs(database: Database) -> dict[str, str]:
    """Read the status of each job by its identifier."""
    statement = select(jobs.c.job_identifier, jobs.c.status)
    async with database.reader.connect() as conn:
        return {row[0]: row[1] for row in await conn.execute(statement)}


async def read_logs(database: Database) -> dict[str, str | None]:
    """Read what each job that has logs printed."""
    of_job = (jobs.c.account == job_logs.c.account) & (
        jobs.c.job_id == job_logs.c.job_id
    )
    statement = select(jobs.c.job_identifier, job_logs.c.stdout).join_from(
        jobs, job_logs, of_job
    )
    async with database.reader.connect() as conn:
        return {row[0]: row[1] for row in await conn.execute(statement)}


async def read_row(database: Database) -> dict[str, Any]:
    """Read what is kept of the one upstream there is."""
    async with database.reader.connect() as conn:
        [row] = (await conn.execute(select(upstreams))).mappings()
        return dict(row)


async def put_columns(database: Database, **values: Any) -> None:  # noqa: ANN401 -- of any column
    """Write columns of the one upstream there is."""
    async with database.transaction() as conn:
        await conn.execute(upstreams.update().values(**values))
