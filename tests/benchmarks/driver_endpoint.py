"""The contestant on the driver itself: literal SQL, a pool, nothing between."""

# ruff: noqa: S608 -- all that is put into statements here is constant

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite
import asyncpg
import orjson
from starlette.applications import Starlette

from gateway.store.engine import parse_database_url
from tests.benchmarks.endpoints import make_endpoints
from tests.benchmarks.shapes import Row

CONNECTIONS = 10
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "cache_size=-4096",
    "temp_store=MEMORY",
)
MODELS = "LEFT JOIN models m ON m.account = j.account AND m.model_id = j.model_id"
USERS = "LEFT JOIN users u ON u.account = j.account AND u.user_id = j.user_id"
LATEST = "WHERE j.account = $1 ORDER BY j.created_at DESC, j.job_id DESC LIMIT $2"
JOB_24 = (
    "j.source, j.job_identifier, j.project_id, j.category, j.label, j.status,"
    " j.submitted_by, j.created_at, j.submitted_at, j.started_at, j.finished_at,"
    " j.updated_at, j.total, j.pending, j.completed, j.failed, j.elapsed_ms,"
    " j.queue_ms, j.input_bytes, j.cost_amount, j.cost_currency, m.identifier,"
    " m.version"
)
JOB_38 = (
    "j.source, j.job_identifier, j.account, j.project_id, j.category, j.category_key,"
    " j.label, j.status, j.raw_status, j.submitted_by, j.created_at, j.submitted_at,"
    " j.assigned_at, j.started_at, j.finished_at, j.updated_at, j.total, j.pending,"
    " j.completed, j.failed, j.elapsed_ms, j.queue_ms, j.timeout_ms, j.explain,"
    " j.input_bytes, j.instance, j.run, j.cost_amount, j.cost_currency, m.identifier,"
    " m.version, m.name, u.source, u.identifier, u.title"
)
INPUTS = "SELECT job_id, identifier, status, elapsed_ms, input_bytes FROM job_inputs"
SQL = {
    "page24": f"SELECT {JOB_24} FROM jobs j {MODELS} {LATEST}",
    "page5": "SELECT j.job_identifier, j.status, j.category, j.created_at,"
    f" j.elapsed_ms FROM jobs j {LATEST}",
    "job": f"SELECT {JOB_24} FROM jobs j {MODELS}"
    " WHERE j.account = $1 AND j.job_identifier = $2",
    "jobs": "SELECT j.job_id, j.model_id, j.job_identifier, j.status, j.created_at,"
    f" m.identifier, m.version FROM jobs j {MODELS} {LATEST}",
    "explorer": f"SELECT {JOB_38} FROM jobs j {MODELS} {USERS} {LATEST}",
}
ON_POSTGRESQL = {
    "inputs": f"{INPUTS} WHERE account = $1 AND job_id = ANY($2::bigint[])"
    " AND position < 5 ORDER BY job_id, position",
    "siblings": "SELECT k.model_id, l.job_identifier, l.status, l.created_at"
    " FROM unnest($2::bigint[]) AS k (model_id) CROSS JOIN LATERAL (SELECT"
    " job_identifier, status, created_at, job_id FROM jobs WHERE account = $1"
    " AND jobs.model_id = k.model_id ORDER BY created_at DESC, job_id DESC LIMIT 3)"
    " AS l ORDER BY k.model_id, l.created_at DESC, l.job_id DESC",
    "usage": "SELECT category, sum(least(coalesce(run_end_ms, greatest($4,"
    " run_start_ms)), $3) - greatest(run_start_ms, $2))::bigint, count(*) FROM jobs"
    " WHERE account = $1 AND run_start_ms < $3 AND (coalesce(run_end_ms, greatest($4,"
    " run_start_ms)) > $2 OR run_start_ms >= $2)"
    " GROUP BY category ORDER BY 2 DESC, category NULLS LAST",
}
ON_SQLITE = {
    "inputs": f"{INPUTS} WHERE account = $1 AND job_id IN (SELECT value FROM"
    " json_each($2)) AND position < 5 ORDER BY job_id, position",
    "siblings": "SELECT k.value, j.job_identifier, j.status, j.created_at"
    " FROM json_each($2) AS k CROSS JOIN jobs AS j ON j.account = $1 AND j.job_id IN"
    " (SELECT i.job_id FROM jobs AS i WHERE i.account = $1 AND i.model_id = k.value"
    " ORDER BY i.created_at DESC, i.job_id DESC LIMIT 3)"
    " ORDER BY k.value, j.created_at DESC, j.job_id DESC",
    "usage": "SELECT category, sum(min(coalesce(run_end_ms, max($4, run_start_ms)), $3)"
    " - max(run_start_ms, $2)), count(*) FROM jobs"
    " WHERE account = $1 AND run_start_ms < $3 AND (coalesce(run_end_ms, max($4,"
    " run_start_ms)) > $2 OR run_start_ms >= $2)"
    " GROUP BY category ORDER BY 2 DESC, category NULLS LAST",
}


class PostgresqlReads:
    """Runs statements through asyncpg."""

    def __init__(self, pool: Any) -> None:  # noqa: ANN401 -- asyncpg has no types
        self.pool = pool
        self.connect = pool.acquire
        self.sql = SQL | ON_POSTGRESQL

    async def fetch(
        self,
        conn: Any,  # noqa: ANN401 -- asyncpg has no types
        name: str,
        values: Mapping[str, Any],
    ) -> Sequence[Row]:
        """See `Reads`."""
        rows: Sequence[Row] = await conn.fetch(self.sql[name], *values.values())
        return rows

    async def close(self) -> None:
        """See `Reads`."""
        await self.pool.close()


class SqliteReads:
    """Runs statements through aiosqlite."""

    def __init__(self, connections: Sequence[aiosqlite.Connection]) -> None:
        self.connections = connections
        # The one that was last used first: its cache is warm.
        self.free: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
        for conn in connections:
            self.free.put_nowait(conn)
        # SQLite numbers parameters with a question mark.
        self.sql = {k: v.replace("$", "?") for k, v in (SQL | ON_SQLITE).items()}

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[aiosqlite.Connection]:
        """See `Reads`."""
        conn = await self.free.get()
        try:
            yield conn
        finally:
            self.free.put_nowait(conn)

    async def fetch(
        self, conn: aiosqlite.Connection, name: str, values: Mapping[str, Any]
    ) -> Sequence[Row]:
        """See `Reads`."""
        plain = [
            orjson.dumps(value).decode() if isinstance(value, list) else value
            for value in values.values()
        ]
        rows: list[sqlite3.Row] = list(
            await conn.execute_fetchall(self.sql[name], plain)
        )
        return rows

    async def close(self) -> None:
        """See `Reads`."""
        for conn in self.connections:
            await conn.close()


async def keep(_: object) -> None:
    """Reset nothing: statements here leave nothing behind."""


async def open_postgresql(dsn: str) -> PostgresqlReads:
    """Open the pool, without the round trip it makes to reset a connection."""
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=CONNECTIONS, reset=keep)
    return PostgresqlReads(pool)


async def open_sqlite(path: str) -> SqliteReads:
    """Open all connections."""
    connections = []
    for _ in range(CONNECTIONS):
        conn = await aiosqlite.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            await conn.execute(f"PRAGMA {pragma}")
        connections.append(conn)
    return SqliteReads(connections)


def make_driver_app(url: str) -> Starlette:
    """Make the application."""

    async def open_reads() -> PostgresqlReads | SqliteReads:
        parsed = parse_database_url(url)
        if parsed.get_backend_name() == "sqlite":
            return await open_sqlite(str(parsed.database))
        return await open_postgresql(url)

    return make_endpoints(open_reads)
