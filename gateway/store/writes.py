"""Writing records: jobs with their inputs, logs, users, models and usage figures."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.records import JobRecord, JobSource
from gateway.store.batches import (
    Batch,
    StoredJob,
    WriteCounts,
    WriteOutcome,
    count_outcomes,
    to_batch,
)
from gateway.store.columns import to_micros
from gateway.store.references import (
    MODELS,
    USERS,
    References,
    delete_stale_members,
    put_referenced,
)
from gateway.store.rows import (
    JOB_COLUMNS,
    Identity,
    JobRow,
    to_input_rows,
    to_job_row,
    to_log_rows,
)
from gateway.store.statements import (
    delete_rows,
    find_rows,
    insert_missing,
    insert_rows,
    update_rows,
)
from gateway.store.tables import accounts, job_inputs, job_logs, jobs, projects
from gateway.store.usage.changes import FACTS, PROJECT_AT, Facts, to_changes
from gateway.store.usage.writes import put_usage

# Adds and locks the account, so that writers take numbers one after the other.
LOCK_ACCOUNT = text(
    "INSERT INTO accounts (account, created_at) VALUES (:account, :created_us)"
    " ON CONFLICT (account) DO UPDATE SET next_job_id = accounts.next_job_id"
    " RETURNING next_job_id, next_user_id, next_model_id"
)
JOB_KEY = ("account", "job_id")
STORED_NAMES = (
    "source",
    "job_identifier",
    "created_at",
    "job_id",
    "updated_at",
    "digest",
    *FACTS,
)
FACTS_OF = itemgetter(*map(JOB_COLUMNS.index, FACTS))


async def put_jobs(
    conn: AsyncConnection, account: str, records: Sequence[JobRecord]
) -> WriteCounts:
    """Write jobs of an account within the connection's transaction.

    A document that is the stored one, or older, changes nothing.

    Raises:
        DecodeError: A record does not fit the tables; see `to_job_row`.
    """
    return await put_rows(conn, account, [to_job_row(record) for record in records])


async def put_rows(
    conn: AsyncConnection, account: str, rows: Sequence[JobRow]
) -> WriteCounts:
    """Write rows of jobs; see `put_jobs`."""
    return count_outcomes(await put_each(conn, account, rows))


async def put_each(
    conn: AsyncConnection,
    account: str,
    rows: Sequence[JobRow],
    *,
    project_id: int | None = None,
) -> Sequence[WriteOutcome]:
    """Write rows of jobs, and give the outcome of each; see `put_jobs`.

    Args:
        conn: In a transaction.
        account: Whose jobs they are.
        rows: The jobs; several of one job are written as if one after the other.
        project_id: The only project whose jobs may be overwritten; None is any.

    Returns:
        The outcome of each row.
    """
    values = {"account": account, "created_us": to_micros(datetime.now(UTC))}
    counters = (await conn.execute(LOCK_ACCOUNT, values)).one()
    stored = await read_stored_jobs(conn, account, rows)
    batch = to_batch(stored, rows, counters.next_job_id, project_id)
    if not batch.accepted:
        return batch.outcomes
    await put_projects(conn, account, batch)
    models = await put_referenced(
        conn, account, MODELS, batch.accepted, counters.next_model_id
    )
    users = await put_referenced(
        conn, account, USERS, batch.accepted, counters.next_user_id
    )
    added = await put_changes(conn, account, batch, models, users)
    removed = [job.stored for job, _ in batch.changes if job.stored is not None]
    await put_usage(conn, account, to_changes(added, removed))
    for references in (models, users):
        at = FACTS.index(references.target.id)
        stale = {(facts[PROJECT_AT], facts[at]) for facts in removed}
        stale |= {
            (row.record.project_id, references.find(row.record))
            for row in batch.superseded
        }
        await delete_stale_members(conn, account, references.target, stale)
    counted = {
        "next_job_id": counters.next_job_id + batch.new,
        "next_model_id": models.next_id,
        "next_user_id": users.next_id,
    }
    mine = accounts.c.account == account
    await conn.execute(update(accounts).where(mine).values(counted))
    return batch.outcomes


async def read_stored_jobs(
    conn: AsyncConnection, account: str, rows: Sequence[JobRow]
) -> dict[Identity, StoredJob]:
    """Read the stored jobs of rows."""
    unnamed = dict(find_unnamed(rows))
    identifiers = [row.record.job_identifier for row in rows]
    identifiers += [identifier for identifier, _ in unnamed.values()]
    found = await find_rows(
        conn, jobs, STORED_NAMES, account, ("job_identifier", identifiers)
    )
    stored = {}
    created = {}
    for source, identifier, created_us, id, updated_us, digest, *facts in found:
        job = StoredJob(
            id=id, updated_us=updated_us, digest=digest, stored=tuple(facts)
        )
        stored[source, identifier] = job
        if source == JobSource.SWF:
            created[identifier, created_us] = (source, identifier)
    written = {row.identity for row in rows}
    for identity, unnamed_job in unnamed.items():
        old = created.get(unnamed_job)
        if old in stored and old not in written and identity not in stored:
            stored[identity] = stored.pop(old)
    return stored


def find_unnamed(
    rows: Iterable[JobRow],
) -> Iterator[tuple[Identity, tuple[str, int]]]:
    """Give the number and creation that jobs of named logs may be stored by.

    Jobs of workload logs were once stored by their numbers alone. They become the jobs
    of the log that has a job of the same number and creation.
    """
    for row in rows:
        log_name, _, number = row.record.job_identifier.rpartition("/")
        if log_name and row.record.source is JobSource.SWF:
            yield row.identity, (number, to_micros(row.record.created_at))


async def put_projects(conn: AsyncConnection, account: str, batch: Batch) -> None:
    """Add the projects of documents that are new."""
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
        The facts of usage of each.
    """
    added: list[Facts] = []
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    inputs: list[tuple[Any, ...]] = []
    logs: list[tuple[Any, ...]] = []
    for job, row in batch.changes:
        record = row.record
        ids = (models.find(record), users.find(record))
        written = (account, job.id, *ids, *row.values)
        added.append(FACTS_OF(written))
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
    return added
