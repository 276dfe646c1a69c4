"""The tables. Each has the account first in its key, so that it can shard by account.

Jobs, users and models have a number within their account (`job_id`, `user_id`,
`model_id`), given on arrival by the counters of `accounts`: it breaks ties in every
order and keeps the indexes narrow.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    false,
    func,
    literal_column,
)

from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobStatus,
    ModelRecord,
    Name,
    UserRecord,
)
from gateway.store.columns import Instant, Json, Key, Nano
from gateway.store.record_columns import make_columns

metadata = MetaData()

# Stands for null where rows are ordered by an instant that may be null.
LATEST = 2**63 - 1


def or_latest(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Give the column, or `LATEST` where it is null, as ordering by it compares."""
    return func.coalesce(column, literal_column(str(LATEST)))


accounts = Table(
    "accounts",
    metadata,
    Column("account", Key, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("next_job_id", BigInteger, nullable=False, server_default="1"),
    Column("next_user_id", BigInteger, nullable=False, server_default="1"),
    Column("next_model_id", BigInteger, nullable=False, server_default="1"),
)

projects = Table(
    "projects",
    metadata,
    Column("account", Key, primary_key=True),
    Column("project_id", BigInteger, primary_key=True, autoincrement=False),
    ForeignKeyConstraint(["account"], ["accounts.account"]),
)

users = Table(
    "users",
    metadata,
    Column("account", Key, primary_key=True),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("source", Key, nullable=False),
    *make_columns(UserRecord),
    Column("updated_at", Instant, nullable=False),
    ForeignKeyConstraint(["account"], ["accounts.account"]),
    Index("ux_users_identifier", "account", "identifier", "source", unique=True),
    Index("ix_users_order", "account", "identifier", "user_id"),
)

models = Table(
    "models",
    metadata,
    Column("account", Key, primary_key=True),
    Column("model_id", BigInteger, primary_key=True, autoincrement=False),
    *make_columns(ModelRecord),
    Column("updated_at", Instant, nullable=False),
    ForeignKeyConstraint(["account"], ["accounts.account"]),
    Index("ix_models_order", "account", "identifier", "model_id"),
    Index("ix_models_name", "account", "name", "model_id"),
    Index("ix_models_version", "account", "version", "model_id"),
)
Index(
    "ux_models_identifier",
    models.c.account,
    models.c.identifier,
    func.coalesce(models.c.version, literal_column("''")),
    unique=True,
)

# The users and models of a project's jobs, which are all that its keys may see.
project_users = Table(
    "project_users",
    metadata,
    Column("account", Key, primary_key=True),
    Column("project_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    ForeignKeyConstraint(
        ["account", "project_id"], ["projects.account", "projects.project_id"]
    ),
    ForeignKeyConstraint(["account", "user_id"], ["users.account", "users.user_id"]),
)

project_models = Table(
    "project_models",
    metadata,
    Column("account", Key, primary_key=True),
    Column("project_id", BigInteger, primary_key=True, autoincrement=False),
    Column("model_id", BigInteger, primary_key=True, autoincrement=False),
    ForeignKeyConstraint(
        ["account", "project_id"], ["projects.account", "projects.project_id"]
    ),
    ForeignKeyConstraint(
        ["account", "model_id"], ["models.account", "models.model_id"]
    ),
)

jobs = Table(
    "jobs",
    metadata,
    Column("account", Key, primary_key=True),
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("model_id", BigInteger),
    Column("user_id", BigInteger),
    *make_columns(JobRecord),
    Column("cost_amount", Nano),
    Column("cost_currency", Text),
    # The run, in ms since 1970, which usage counts. The end is null while it runs; both
    # are null where the job never started, and where it ended at an unknown time.
    Column("run_start_ms", BigInteger),
    Column("run_end_ms", BigInteger),
    Column("residue", Json),
    # Of the whole record, to tell a changed document from a repeated one.
    Column("digest", LargeBinary, nullable=False),
    ForeignKeyConstraint(["account"], ["accounts.account"]),
    ForeignKeyConstraint(
        ["account", "project_id"], ["projects.account", "projects.project_id"]
    ),
    ForeignKeyConstraint(["account", "user_id"], ["users.account", "users.user_id"]),
    ForeignKeyConstraint(
        ["account", "model_id"], ["models.account", "models.model_id"]
    ),
    Index("ux_jobs_identifier", "account", "job_identifier", "source", unique=True),
    Index("ix_jobs_run_end", "account", "run_end_ms"),
)
IS_RUNNING = and_(jobs.c.run_end_ms.is_(None), jobs.c.run_start_ms.is_not(None))
Index(
    "ix_jobs_running",
    jobs.c.account,
    jobs.c.run_start_ms,
    sqlite_where=IS_RUNNING,
    postgresql_where=IS_RUNNING,
)

job_inputs = Table(
    "job_inputs",
    metadata,
    Column("account", Key, primary_key=True),
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    *make_columns(JobInputRecord, {Name: Text(), JobStatus: Text()}),
    ForeignKeyConstraint(
        ["account", "job_id"], ["jobs.account", "jobs.job_id"], ondelete="CASCADE"
    ),
)

job_logs = Table(
    "job_logs",
    metadata,
    Column("account", Key, primary_key=True),
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    *make_columns(JobLogs),
    ForeignKeyConstraint(
        ["account", "job_id"], ["jobs.account", "jobs.job_id"], ondelete="CASCADE"
    ),
)


def make_usage_key() -> list[Column[Any]]:
    """Make the key columns that both usage tables begin with.

    The account is no foreign key: each write would check it thousands of times.
    """
    return [
        Column("account", Key, primary_key=True),
        # "" is the whole account, "=12" project 12 on its own.
        Column("project", Key, primary_key=True),
        # "" is all jobs together, else a column of jobs, and `value` its value.
        Column("dimension", Key, primary_key=True),
        Column("span_hours", Integer, primary_key=True, autoincrement=False),
        # The number of spans between 1970 and this one.
        Column("span", BigInteger, primary_key=True, autoincrement=False),
        Column("value", Key, primary_key=True),
    ]


# Starts and ends of the runs that have ended, by spans of time: their number, and the
# sum of their ms since the span's start. An end is in the span of the ms before it.
usage_points = Table(
    "usage_points",
    metadata,
    *make_usage_key(),
    Column("starts", BigInteger, nullable=False),
    Column("starts_ms", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("ends_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Costs of these runs, in the spans of their ends: the number of runs that have a cost,
# and 10^9 * units + nanos billionths. A sum of billionths alone could exceed 64 bits.
usage_costs = Table(
    "usage_costs",
    metadata,
    *make_usage_key(),
    Column("currency", Key, primary_key=True),
    Column("jobs", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("nanos", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("account", Key, primary_key=True),
    Column("prefix", Key, primary_key=True),
    # SHA-256 of the whole key.
    Column("digest", LargeBinary, nullable=False),
    Column("project_id", BigInteger),
    Column("scopes", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    # To the hour, so that not every request writes it.
    Column("last_used_at", Instant),
    ForeignKeyConstraint(["account"], ["accounts.account"]),
    # A request has no account: a key is found by its prefix alone, or by its digest
    # where it was imported from another system and has no prefix of its own.
    Index("ux_api_keys_prefix", "prefix", unique=True),
    Index("ux_api_keys_digest", "digest", unique=True),
)

# Source systems that jobs are fetched from, with the checkpoint of each.
upstreams = Table(
    "upstreams",
    metadata,
    Column("account", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source", Key, nullable=False),
    Column("project_id", BigInteger),
    Column("checkpoint", Json),
    # When the current round began; null between rounds.
    Column("round_at", Instant),
    Column("last_success_at", Instant),
    Column("is_failing", Boolean, nullable=False, server_default=false()),
    # The failure of the last round, or what differs after a good one.
    Column("error", Text),
    # The process that fetches from it, and until when others must not.
    Column("lease_owner", Text),
    Column("lease_until", Instant),
    ForeignKeyConstraint(["account"], ["accounts.account"]),
)

# The columns that jobs can be filtered by, followed by the default order of pages.
for column in (
    jobs.c.status,
    jobs.c.source,
    jobs.c.project_id,
    jobs.c.category,
    jobs.c.model_id,
    jobs.c.user_id,
    jobs.c.submitted_by,
):
    Index(
        f"ix_jobs_{column.name}",
        jobs.c.account,
        column,
        jobs.c.created_at,
        jobs.c.job_id,
        sqlite_where=column.is_not(None) if column.nullable else None,
        postgresql_where=column.is_not(None) if column.nullable else None,
    )

# The columns that jobs can be ordered by.
for column in (
    jobs.c.created_at,
    jobs.c.submitted_at,
    jobs.c.started_at,
    jobs.c.finished_at,
    jobs.c.updated_at,
):
    Index(
        f"ix_jobs_{column.name}",
        jobs.c.account,
        or_latest(column) if column.nullable else column,
        jobs.c.job_id,
    )
