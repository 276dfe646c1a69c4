"""Any number of generated jobs, written by the database itself.

The same number gives the same jobs on SQLite and PostgreSQL: all comes from hashes of
the job's number and of its burst's, in integer arithmetic that both have. People and
programs submit jobs in bursts: those of one have their user, project and category in
common, and some of their models. (In the LCG log 42 jobs of a user start in an hour in
which any do.)
"""

# ruff: noqa: S608 -- all that is put into statements here is constant

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.settings import read_settings
from gateway.store.database import open_database
from gateway.store.engine import parse_database_url
from gateway.store.tables import jobs
from gateway.store.usage.rebuild import rebuild_usage
from tests.benchmarks.works import ACCOUNT

BATCH_ROWS = 250_000
MODELS, USERS, PROJECTS = 400, 2_000, 50
BURST_JOBS, BURST_MODELS = 32, 4
# Jobs created in the ten years from 2014-06-01; the last are the ones that run.
FIRST_US = 1_401_580_800_000_000
SPAN_US = 10 * 365 * 86_400_000_000
# All of these jobs at the end have inputs, and a few of the others.
WITH_INPUTS = 100_000

SQLITE = {
    "series": "WITH RECURSIVE series (n) AS (SELECT {first} UNION ALL SELECT n + 1"
    " FROM series WHERE n < {last})",
    "digest": "randomblob(16)",
}
POSTGRESQL = {
    "series": "WITH series (n) AS (SELECT generate_series({first}::bigint,"
    " {last}::bigint))",
    "digest": "decode(md5(n::text), 'hex')",
}
USER = f"(b / 128 % {USERS} + 1)"
COLUMNS = {
    "account": f"'{ACCOUNT}'",
    "job_id": "n",
    "source": "CASE h % 4 WHEN 0 THEN 'EDGE_IMPULSE' WHEN 1 THEN 'SHAREDCLOUD'"
    " ELSE 'MODZY' END",
    # A bijection, so that identifiers are unique and in no order.
    "job_identifier": "'7d3f0a1c-52b4-4e8d-9c61-' || CAST(100000000000"
    " + n * 7919 % 1000000007 AS TEXT)",
    # Each user has one project, or none.
    "project_id": f"CASE WHEN {USER} % 10 < 8 THEN {USER} % {PROJECTS} + 1 END",
    "category": "CASE WHEN b % 50 > 0 THEN 'Category ' || CAST(b / 64 % 12 AS TEXT)"
    " END",
    "category_key": "CASE WHEN b % 50 > 0 THEN 'category-' || CAST(b / 64 % 12"
    " AS TEXT) END",
    "label": "'job ' || CAST(n % 1000 AS TEXT)",
    "status": "status",
    "raw_status": "status",
    "model_id": f"CASE WHEN h % 20 > 0 THEN (b / 32 * {BURST_MODELS}"
    f" + h / 32 % {BURST_MODELS}) % {MODELS} + 1 END",
    "user_id": USER,
    "submitted_by": f"'key' || CAST({USER} % 100 AS TEXT)",
    "created_at": "created_us",
    "submitted_at": "created_us + 1000",
    "assigned_at": "CASE WHEN started > 0 THEN created_us + queue_ms * 500 END",
    "started_at": "CASE WHEN started > 0 THEN created_us + queue_ms * 1000 END",
    "finished_at": "CASE WHEN ended > 0 THEN created_us + (queue_ms + elapsed_ms)"
    " * 1000 END",
    "updated_at": "created_us + (queue_ms * started + elapsed_ms * ended) * 1000",
    "total": "n % 4 + 1",
    "pending": "CASE WHEN ended > 0 THEN 0 ELSE n % 4 + 1 END",
    "completed": "CASE WHEN status = 'COMPLETED' THEN n % 4 + 1 ELSE 0 END",
    "failed": "CASE WHEN status = 'FAILED' THEN n % 4 + 1 ELSE 0 END",
    "elapsed_ms": "CASE WHEN ended > 0 THEN elapsed_ms END",
    "queue_ms": "CASE WHEN started > 0 THEN queue_ms END",
    "timeout_ms": "CASE WHEN h % 3 = 0 THEN 3600000 END",
    "explain": "h % 2 = 0",
    "input_bytes": "h % 5000000",
    "cost_amount": "CASE WHEN h % 4 = 1 THEN elapsed_ms * 12500 END",
    "cost_currency": "CASE WHEN h % 4 = 1 THEN 'USD' END",
    "instance": "'node-' || CAST(h % 300 AS TEXT)",
    "run": "'run-' || CAST(n / 100 AS TEXT)",
    "incremental_id": "n % 100",
    "run_start_ms": "CASE WHEN started > 0 THEN created_us / 1000 + queue_ms END",
    "run_end_ms": "CASE WHEN ended > 0 THEN created_us / 1000 + queue_ms + elapsed_ms"
    " END",
    "digest": "{digest}",
}
FACTS = (
    "facts AS (SELECT n, h, b, h / 7 % 60000 AS queue_ms,"
    " h / 11 % 3600000 AS elapsed_ms,"
    f" {FIRST_US} + n * {{step}} AS created_us,"
    " CASE WHEN n > {count} - 5 THEN 'QUEUED' WHEN n > {count} - 20 THEN 'RUNNING'"
    " WHEN h % 100 < 85 THEN 'COMPLETED' WHEN h % 100 < 94 THEN 'FAILED'"
    " WHEN h % 100 < 98 THEN 'CANCELED' ELSE 'TIMEDOUT' END AS status,"
    " CASE WHEN n > {count} - 5 THEN 0 ELSE 1 END AS started,"
    " CASE WHEN n > {count} - 20 THEN 0 ELSE 1 END AS ended"
    " FROM (SELECT n, n * 2654435761 % 4294967296 AS h,"
    f" n / {BURST_JOBS} * 2654435761 % 4294967296 AS b FROM series) AS hashed)"
)
JOBS = (
    f"INSERT INTO jobs ({', '.join(COLUMNS)}) {{series}}, {FACTS}"
    f" SELECT {', '.join(COLUMNS.values())} FROM facts"
)
ACCOUNTS = (
    "INSERT INTO accounts (account, created_at, next_job_id, next_user_id,"
    f" next_model_id) VALUES ('{ACCOUNT}', {FIRST_US}, {{count}} + 1, {USERS + 1},"
    f" {MODELS + 1})"
)
PROJECT_ROWS = (
    f"INSERT INTO projects (account, project_id) {{series}} SELECT '{ACCOUNT}', n"
    " FROM series"
)
USER_ROWS = (
    "INSERT INTO users (account, user_id, source, identifier, external_identifier,"
    " first_name, last_name, email, status, title, updated_at) {series}"
    f" SELECT '{ACCOUNT}', n, 'MODZY', 'user-' || CAST(n AS TEXT), NULL, 'First',"
    " 'Last ' || CAST(n AS TEXT), 'user' || CAST(n AS TEXT) || '@example.org',"
    f" 'active', 'Engineer', {FIRST_US} FROM series"
)
MODEL_ROWS = (
    "INSERT INTO models (account, model_id, identifier, version, name, updated_at)"
    f" {{series}} SELECT '{ACCOUNT}', n, 'model-' || CAST(n / 4 AS TEXT), '1.0.'"
    f" || CAST(n % 4 AS TEXT), 'Model ' || CAST(n / 4 AS TEXT), {FIRST_US} FROM series"
)
INPUTS = (
    "INSERT INTO job_inputs (account, job_id, position, identifier, status,"
    " started_at, finished_at, elapsed_ms, input_bytes) SELECT j.account, j.job_id,"
    " p.position, 'input-' || CAST(p.position AS TEXT), j.status, j.started_at,"
    " j.finished_at, j.elapsed_ms, j.input_bytes FROM jobs AS j CROSS JOIN"
    " (SELECT 0 AS position UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)"
    " AS p WHERE (j.job_id % 20 = 0 OR j.job_id > {count} - "
    f"{WITH_INPUTS}) AND p.position < j.total"
)
MEMBERS = (
    "INSERT INTO project_{kind}s (account, project_id, {kind}_id) SELECT DISTINCT"
    " account, project_id, {kind}_id FROM jobs WHERE project_id IS NOT NULL AND"
    " {kind}_id IS NOT NULL"
)


async def generate(url: str, count: int) -> None:
    """Write jobs with their models, users, projects and inputs.

    Args:
        url: Of a database that is migrated and has no jobs.
        count: How many jobs.
    """
    engine = open_loader(url)
    write = Writer(engine, {"count": count, "step": SPAN_US // count})
    indexes = sorted(jobs.indexes, key=lambda index: str(index.name))
    for index in indexes:
        async with engine.begin() as conn:
            await conn.run_sync(index.drop)
    await write.run(ACCOUNTS)
    for pattern, rows in ((PROJECT_ROWS, PROJECTS), (USER_ROWS, USERS)):
        await write.run(pattern, first=1, last=rows)
    await write.run(MODEL_ROWS, first=1, last=MODELS)
    for first in range(1, count + 1, BATCH_ROWS):
        await write.run(JOBS, first=first, last=min(first + BATCH_ROWS - 1, count))
    await write.run(INPUTS)
    for kind in ("user", "model"):
        await write.run(MEMBERS, kind=kind)
    for index in indexes:
        async with engine.begin() as conn:
            await conn.run_sync(index.create)
    await engine.dispose()
    database = open_database(read_settings(database_url=url))
    await rebuild_usage(database, ACCOUNT)
    await database.close()


def open_loader(url: str) -> AsyncEngine:
    """Make an engine that checks nothing and waits for no disk."""
    parsed = parse_database_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_async_engine(parsed)
        event.listen(engine.sync_engine, "connect", set_loader_pragmas)
        return engine
    settings = {"session_replication_role": "replica", "maintenance_work_mem": "1GB"}
    return create_async_engine(parsed, connect_args={"server_settings": settings})


def set_loader_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Prepare a SQLite connection for many rows."""
    cursor = connection.cursor()
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-500000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes with statements whose numbers are filled in."""

    engine: AsyncEngine
    numbers: Mapping[str, int]

    async def run(self, pattern: str, **values: int | str) -> None:
        """Run a statement in a transaction of its own."""
        is_sqlite = self.engine.dialect.name == "sqlite"
        words = {**self.numbers, **values, **(SQLITE if is_sqlite else POSTGRESQL)}
        # Twice: what is filled in has numbers to be filled in, too.
        sql = pattern.format_map(words).format_map(words)
        async with self.engine.begin() as conn:
            await conn.exec_driver_sql(sql)
