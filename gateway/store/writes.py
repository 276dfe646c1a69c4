"""Records to the database: each job once, the newest document of it winning."""

from collections.abc import Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.records import JobRecord
from gateway.store.batches import (
    PROJECT_AT,
    Batch,
    Fate,
    Job,
    WriteCounts,
    to_batch,
    to_counts,
)
from gateway.store.columns import to_micros
from gateway.store.references import (
    MODELS,
    USERS,
    References,
    forget_members,
    put_kind,
)
from gateway.store.rows import (
    JOB_COLUMNS,
    Identity,
    JobRow,
    to_input_rows,
    to_log_rows,
    to_row,
)
from gateway.store.statements import (
    delete_rows,
    find_rows,
    insert_missing,
    insert_rows,
    update_rows,
)
from gateway.store.tables import accounts, job_inputs, job_logs, jobs, projects
from gateway.store.usage.changes import FACTS, Facts, to_changes
from gateway.store.usage.writes import put_usage

# Locks the account, so that its writers take their numbers one after the other.
LOCK_ACCOUNT = text(
    "INSERT INTO accounts (account, created_at) VALUES (:account, :created_us)"
    " ON CONFLICT (account) DO UPDATE SET next_job_id = accounts.next_job_id"
    " RETURNING next_job_id, next_user_id, next_model_id"
)
JOB_KEY = ("account", "job_id")
FACTS_OF = itemgetter(*map(JOB_COLUMNS.index, FACTS))


async def put_jobs(
    conn: AsyncConnection, account: str, records: Sequence[JobRecord]
) -> WriteCounts:
    """Write jobs of an account within the connection's transaction.

    A document that is older than what is stored, or the same, changes nothing.

    Raises:
        DecodeError: A record does not fit the tables; see `to_row`.
    """
    return await put_rows(conn, account, [to_row(record) for record in records])


async def put_rows(
    conn: AsyncConnection, account: str, rows: Sequence[JobRow]
) -> WriteCounts:
    """Write jobs that are rows already; see `put_jobs`."""
    return to_counts(await put_each(conn, account, rows))


async def put_each(
    conn: AsyncConnection,
    account: str,
    rows: Sequence[JobRow],
    *,
    project_id: int | None = None,
) -> Sequence[Fate]:
    """Write jobs that are rows already, and tell of each; see `put_jobs`.

    Args:
        conn: In a transaction.
        account: Whose jobs they are.
        rows: The jobs; one that comes twice is written as if each came on its own.
        project_id: The only project whose jobs may be overwritten; None is any.

    Returns:
        What became of each row.
    """
    values = {"account": account, "created_us": to_micros(datetime.now(UTC))}
    counters = (await conn.execute(LOCK_ACCOUNT, values)).one()
    stored = await read_jobs(conn, account, rows)
    batch = to_batch(stored, rows, counters.next_job_id, project_id)
    if not batch.accepted:
        return batch.fates
    await put_projects(conn, account, batch)
    models = await put_kind(
        conn, account, MODELS, batch.accepted, counters.next_model_id
    )
    users = await put_kind(conn, account, USERS, batch.accepted, counters.next_user_id)
    come = await put_changes(conn, account, batch, models, users)
    gone = [job.stored for job, _ in batch.changes if job.stored is not None]
    await put_usage(conn, account, to_changes(come, gone))
    for references in (models, users):
        at = FACTS.index(references.kind.id)
        left = {(facts[PROJECT_AT], facts[at]) for facts in gone}
        left |= {
            (row.record.project_id, references.find(row.record))
            for row in batch.superseded
        }
        await forget_members(conn, account, references.kind, left)
    counted = {
        "next_job_id": counters.next_job_id + batch.new,
        "next_model_id": models.next_id,
        "next_user_id": users.next_id,
    }
    mine = accounts.c.account == account
    await conn.execute(update(accounts).where(mine).values(counted))
    return batch.fates


async def read_jobs(
    conn: AsyncConnection, account: str, rows: Sequence[JobRow]
) -> dict[Identity, Job]:
    """Read what is stored of the jobs that rows name."""
    names = ("source", "job_identifier", "job_id", "updated_at", "digest", *FACTS)
    wanted = ("job_identifier", (row.record.job_identifier for row in rows))
    return {
        (source, identifier): Job(
            id=id, updated_us=updated_us, digest=digest, stored=tuple(stored)
        )
        for source, identifier, id, updated_us, digest, *stored in await find_rows(
            conn, jobs, names, account, wanted
        )
    }


async def put_projects(conn: AsyncConnection, account: str, batch: Batch) -> None:
    """Write the projects that documents name and that are not there yet."""
    named = {row.record.project_id for row in batch.accepted}
    rows = sorted((account, number) for number in named if number is not None)
    await insert_missing(conn, projects, ("account", "project_id"), rows)


async def put_changes(
    conn: AsyncConnection,
    account: str,
    batch: Batch,
    models: References,
    users: References,
) -> list[Facts]:
    """Write the jobs of a batch with their inputs and logs.

    Returns:
        What usage counts of them.
    """
    come: list[Facts] = []
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    inputs: list[tuple[Any, ...]] = []
    logs: list[tuple[Any, ...]] = []
    for job, row in batch.changes:
        record = row.record
        ids = (models.find(record), users.find(record))
        written = (account, job.id, *ids, *row.values)
        come.append(FACTS_OF(written))
        if job.is_new:
            new.append(written)
        else:
            changed.append((*written[2:], account, job.id))
        inputs.extend(to_input_rows(account, job.id, record))
        logs.extend(to_log_rows(account, job.id, record))
    keys = [row[-2:] for row in changed]
    await insert_rows(conn, jobs, JOB_COLUMNS, new)
    await update_rows(conn, jobs, JOB_COLUMNS[2:], JOB_KEY, changed)
    for table, rows in ((job_inputs, inputs), (job_logs, logs)):
        await delete_rows(conn, table, JOB_KEY, keys)
        await insert_rows(conn, table, tuple(table.columns.keys()), rows)
    return come
