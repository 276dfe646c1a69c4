"""What is stored, back to the documents that came."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select

from gateway.dialects import edge_impulse, modzy, sharedcloud
from gateway.dialects.residue import JsonObject, is_same
from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    MoneyRecord,
    UserRecord,
)
from gateway.store.database import Database
from gateway.store.tables import job_inputs, job_logs, jobs, models, users

Row = Mapping[str, Any]
PLAIN = (
    *("job_identifier", "project_id", "category", "category_key", "label"),
    *("raw_status", "submitted_by", "created_at", "submitted_at", "assigned_at"),
    *("started_at", "finished_at", "updated_at", "total", "pending", "completed"),
    *("failed", "elapsed_ms", "queue_ms", "timeout_ms", "explain"),
    *("image_classification_model", "input_bytes", "arguments", "result"),
    *("instance", "run", "incremental_id"),
)
NAMES = ("identifier", "version", "name")
PERSON = (
    *("identifier", "external_identifier", "first_name", "last_name"),
    *("email", "status", "title"),
)
INPUT = (
    "identifier",
    "started_at",
    "finished_at",
    "elapsed_ms",
    "input_bytes",
    "error",
)
LOGS = ("build_logs", "stdout", "stderr")


def encode_sharedcloud(record: JobRecord) -> JsonObject:
    """Write a job as sharedcloud does."""
    return sharedcloud.encode_job(record, time_zone=ZoneInfo("UTC"))


ENCODERS: Mapping[JobSource, Callable[[JobRecord], JsonObject]] = {
    JobSource.EDGE_IMPULSE: edge_impulse.encode_job,
    JobSource.MODZY: modzy.encode_job,
    JobSource.SHAREDCLOUD: encode_sharedcloud,
}


async def read_documents(
    database: Database, account: str, source: JobSource
) -> Mapping[str, JsonObject]:
    """Read an account's jobs of a source as documents, by their identifiers."""
    encode = ENCODERS[source]
    return {
        record.job_identifier: encode(record)
        for record in await read_records(database, account)
        if record.source is source
    }


async def read_records(database: Database, account: str) -> Sequence[JobRecord]:
    """Read an account's jobs from the tables themselves."""
    tables = (jobs, models, users, job_inputs, job_logs)
    rows, *others = [await read_rows(database, each, account) for each in tables]
    models_by_id, users_by_id, inputs_by_job, logs_by_job = (
        to_groups(found, key)
        for found, key in zip(
            others, ("model_id", "user_id", "job_id", "job_id"), strict=True
        )
    )
    return [
        JobRecord(
            source=JobSource(row["source"]),
            status=JobStatus(row["status"]),
            model=to_model(models_by_id.get(row["model_id"])),
            user=to_user(users_by_id.get(row["user_id"])),
            inputs=tuple(map(to_input, inputs_by_job.get(row["job_id"], ()))),
            logs=to_logs(logs_by_job.get(row["job_id"])),
            cost=to_cost(row),
            residue=row["residue"] or {},
            **{name: row[name] for name in PLAIN},
        )
        for row in rows
    ]


async def read_rows(database: Database, table: Table, account: str) -> Sequence[Row]:
    """Read an account's rows of a table in the order of their keys."""
    mine = select(table).where(table.c.account == account)
    async with database.reader.connect() as conn:
        rows = await conn.execute(mine.order_by(*table.primary_key.columns))
        return [dict(row) for row in rows.mappings()]


def to_groups(rows: Sequence[Row], key: str) -> Mapping[int, Sequence[Row]]:
    """Put rows that have the same number together."""
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def to_model(rows: Sequence[Row] | None) -> ModelRecord | None:
    """Make the model of a job."""
    return ModelRecord(**{name: rows[0][name] for name in NAMES}) if rows else None


def to_user(rows: Sequence[Row] | None) -> UserRecord | None:
    """Make the user of a job."""
    return UserRecord(**{name: rows[0][name] for name in PERSON}) if rows else None


def to_input(row: Row) -> JobInputRecord:
    """Make an input of a job."""
    status = None if row["status"] is None else JobStatus(row["status"])
    return JobInputRecord(status=status, **{name: row[name] for name in INPUT})


def to_logs(rows: Sequence[Row] | None) -> JobLogs | None:
    """Make what a job printed."""
    return JobLogs(**{name: rows[0][name] for name in LOGS}) if rows else None


def to_cost(row: Row) -> MoneyRecord | None:
    """Make what a job cost."""
    if row["cost_amount"] is None:
        return None
    return MoneyRecord(amount=row["cost_amount"], currency=row["cost_currency"])


def to_differences(
    stored: Mapping[str, JsonObject], upstream: Mapping[str, JsonObject]
) -> list[str]:
    """Tell the first differences, as sentences; none if the jobs are the same."""
    missing = [f"{id} is not stored" for id in upstream.keys() - stored.keys()]
    more = [f"{id} is not the upstream's" for id in stored.keys() - upstream.keys()]
    other = [
        f"{id} is {stored[id]}, not {document}"
        for id, document in upstream.items()
        if id in stored and not is_same(stored[id], document)
    ]
    counts = f"{len(missing)} missing, {len(more)} more, {len(other)} other"
    shown = sorted(missing)[:3] + sorted(more)[:3] + other[:3]
    return [counts, *shown] if shown else []
