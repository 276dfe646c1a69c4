"""Upstreams in the database: how far each was read, how that went, and who reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.errors import LostLeaseError
from gateway.store.columns import from_micros, to_micros
from gateway.store.database import Database, mapped_errors
from gateway.store.engine import Row
from gateway.store.selects import bind_values, compile_select
from gateway.store.tables import jobs, upstreams

PUT_ACCOUNT = text(
    "INSERT INTO accounts (account, created_at) VALUES (:account, :created_us)"
    " ON CONFLICT DO NOTHING"
)
PUT_UPSTREAM = text(
    "INSERT INTO upstreams (account, name, kind, source, project_id)"
    " VALUES (:account, :name, :kind, :source, :project_id)"
    " ON CONFLICT (account, name) DO UPDATE SET kind = excluded.kind,"
    " source = excluded.source, project_id = excluded.project_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamKey:
    """What names an upstream."""

    account: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRecord:
    """What is known of an upstream.

    Attributes:
        source: The source of its jobs.
        project_id: The project of its jobs; None is no project.
        round_at: When the round that is under way began.
        is_failing: Whether the last round failed.
        error: Why, or what differs after a good one.
        lease_until: Until when its process may be believed to live.
    """

    account: str
    name: str
    kind: str
    source: str
    project_id: int | None = None
    round_at: datetime | None = None
    last_success_at: datetime | None = None
    is_failing: bool = False
    error: str | None = None
    lease_until: datetime | None = None


NAMES = tuple(UpstreamRecord.__dataclass_fields__)
INSTANTS = ("round_at", "last_success_at", "lease_until")


def is_named(key: UpstreamKey) -> Any:  # noqa: ANN401 -- SQLAlchemy's condition
    """Restrict rows to one upstream."""
    return and_(upstreams.c.account == key.account, upstreams.c.name == key.name)


def is_free(now: datetime) -> Any:  # noqa: ANN401 -- SQLAlchemy's condition
    """Restrict rows to upstreams that no process reads."""
    return or_(
        upstreams.c.lease_owner.is_(None),
        upstreams.c.lease_until.is_(None),
        upstreams.c.lease_until <= now,
    )


async def put_upstream(conn: AsyncConnection, record: UpstreamRecord) -> None:
    """Add an upstream, and its account where that is new; or change what it is."""
    created_us = to_micros(datetime.now(UTC))
    values = {"account": record.account, "created_us": created_us}
    await conn.execute(PUT_ACCOUNT, values)
    await conn.execute(
        PUT_UPSTREAM,
        {
            "account": record.account,
            "name": record.name,
            "kind": record.kind,
            "source": record.source,
            "project_id": record.project_id,
        },
    )


async def take_lease(
    conn: AsyncConnection,
    key: UpstreamKey,
    *,
    owner: str,
    now: datetime,
    until: datetime,
) -> bool:
    """Take or renew the right to read an upstream, where nobody else has it.

    Returns:
        Whether it is the owner's now.
    """
    is_own = upstreams.c.lease_owner == owner
    taken = await conn.execute(
        update(upstreams)
        .where(is_named(key), or_(is_own, is_free(now)))
        .values(lease_owner=owner, lease_until=until)
    )
    return taken.rowcount == 1


async def release_lease(conn: AsyncConnection, key: UpstreamKey, owner: str) -> None:
    """Give the right back, where the owner still has it."""
    await conn.execute(
        update(upstreams)
        .where(is_named(key), upstreams.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None, round_at=None)
    )


async def put_upstream_state(
    conn: AsyncConnection, key: UpstreamKey, owner: str, changes: Mapping[str, Any]
) -> None:
    """Write columns of an upstream within the connection's transaction.

    Raises:
        LostLeaseError: Another process reads it now; the transaction must not commit.
    """
    written = await conn.execute(
        update(upstreams)
        .where(is_named(key), upstreams.c.lease_owner == owner)
        .values(**changes)
    )
    if written.rowcount != 1:
        raise LostLeaseError(f"another process has taken over {key.name}")


async def delete_upstream(
    conn: AsyncConnection, key: UpstreamKey, now: datetime
) -> bool:
    """Forget an upstream that no process reads; its jobs stay.

    Returns:
        Whether there was one.
    """
    deleted = await conn.execute(delete(upstreams).where(is_named(key), is_free(now)))
    return deleted.rowcount == 1


async def read_checkpoint(database: Database, key: UpstreamKey) -> Any:  # noqa: ANN401 -- a JSON value
    """Read how far an upstream was read; None where it was not.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    with mapped_errors():
        async with database.reader.connect() as conn:
            return await conn.scalar(
                select(upstreams.c.checkpoint).where(is_named(key))
            )


async def read_upstreams_of(
    database: Database, account: str, project_id: int | None
) -> Sequence[UpstreamRecord]:
    """Read an account's upstreams by name; of a project, where one is given.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    found = (
        select(*(upstreams.c[name] for name in NAMES))
        .where(upstreams.c.account == account)
        .order_by(upstreams.c.name)
    )
    if project_id is not None:
        found = found.where(upstreams.c.project_id == project_id)
    return [to_record(row) for row in await fetch(database, found)]


def to_record(row: Row) -> UpstreamRecord:
    """Read a row of `NAMES`, as the driver gives it."""
    values = dict(zip(NAMES, row, strict=True))
    instants = {
        name: None if values[name] is None else from_micros(values[name])
        for name in INSTANTS
    }
    is_failing = bool(values["is_failing"])
    return UpstreamRecord(**(values | instants | {"is_failing": is_failing}))


async def count_source_jobs(
    database: Database, account: str, source: str, project_id: int | None
) -> int:
    """Count an account's jobs of a source; of a project, where one is given.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    counted = select(func.count()).where(
        jobs.c.account == account, jobs.c.source == source
    )
    if project_id is not None:
        counted = counted.where(jobs.c.project_id == project_id)
    [[count]] = await fetch(database, counted)
    return int(count)


async def fetch(database: Database, wanted: Select[*tuple[Any, ...]]) -> Sequence[Row]:
    """Read rows on the request path."""
    statement = compile_select(wanted, database.reader.dialect)
    async with database.reading() as reader:
        return await reader.fetch(statement, bind_values(statement, {}))
