"""Upstreams in the database: their checkpoints, states and leases."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.errors import LostLeaseError
from gateway.store.accounts import put_account
from gateway.store.columns import from_optional_micros
from gateway.store.database import Database, mapped_errors
from gateway.store.engine import Row
from gateway.store.selects import bind_values, compile_select
from gateway.store.tables import jobs, upstreams

UPSERT_UPSTREAM = text(
    "INSERT INTO upstreams (account, name, kind, source, project_id)"
    " VALUES (:account, :name, :kind, :source, :project_id)"
    " ON CONFLICT (account, name) DO UPDATE SET kind = excluded.kind,"
    " source = excluded.source, project_id = excluded.project_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamKey:
    """The key of an upstream."""

    account: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRecord:
    """An upstream and its state.

    Attributes:
        source: The source of its jobs.
        project_id: The project of its jobs; None is no project.
        round_at: When the current round began; None between rounds.
        is_failing: Whether the last round failed.
        error: Why it failed, or what differs after a good round.
        lease_until: Until when no other process may read it.
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
    """Restrict rows to upstreams without a valid lease."""
    return or_(
        upstreams.c.lease_owner.is_(None),
        upstreams.c.lease_until.is_(None),
        upstreams.c.lease_until <= now,
    )


async def put_upstream(conn: AsyncConnection, record: UpstreamRecord) -> None:
    """Add or change an upstream, and add its account where that is new."""
    await put_account(conn, record.account, datetime.now(UTC))
    await conn.execute(UPSERT_UPSTREAM, asdict(record))


async def take_lease(
    conn: AsyncConnection,
    key: UpstreamKey,
    *,
    owner: str,
    now: datetime,
    until: datetime,
) -> bool:
    """Take or renew the lease of an upstream, unless another process has it.

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
    """Release the lease, if the owner still has it."""
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
        LostLeaseError: Another process has the lease; the transaction must not commit.
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
    """Delete an upstream without a valid lease; its jobs stay.

    Returns:
        Whether there was one.
    """
    deleted = await conn.execute(delete(upstreams).where(is_named(key), is_free(now)))
    return deleted.rowcount == 1


async def read_checkpoint(database: Database, key: UpstreamKey) -> Any:  # noqa: ANN401 -- a JSON value
    """Read the checkpoint of an upstream; None where it has none.

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
    """Read an account's upstreams, or those of one project, by name.

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
    return [to_upstream_record(row) for row in await read_selected(database, found)]


def to_upstream_record(row: Row) -> UpstreamRecord:
    """Read a row of `NAMES`, as the driver gives it."""
    values = dict(zip(NAMES, row, strict=True))
    instants = {name: from_optional_micros(values[name]) for name in INSTANTS}
    is_failing = bool(values["is_failing"])
    return UpstreamRecord(**(values | instants | {"is_failing": is_failing}))


async def count_source_jobs(
    database: Database, account: str, source: str, project_id: int | None
) -> int:
    """Count an account's jobs of a source, or those of one project.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    counted = select(func.count()).where(
        jobs.c.account == account, jobs.c.source == source
    )
    if project_id is not None:
        counted = counted.where(jobs.c.project_id == project_id)
    [[count]] = await read_selected(database, counted)
    return int(count)


async def read_selected(
    database: Database, wanted: Select[*tuple[Any, ...]]
) -> Sequence[Row]:
    """Run a select on the request path."""
    statement = compile_select(wanted, database.reader.dialect)
    async with database.reading() as reader:
        return await reader.fetch(statement, bind_values(statement, {}))
