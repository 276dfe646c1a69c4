"""The contestant on SQLAlchemy Core: statements built once, an async engine."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    cast,
    event,
    func,
    or_,
    select,
    text,
    true,
    type_coerce,
)
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    create_async_engine,
)
from sqlalchemy.sql.base import Executable
from starlette.applications import Starlette

from gateway.store.engine import parse_database_url, prepare_reader
from gateway.store.tables import job_inputs, jobs, models, users
from tests.benchmarks.endpoints import make_endpoints
from tests.benchmarks.shapes import Row

ACCOUNT: BindParameter[str] = bindparam("account")
LIMIT = bindparam("limit", type_=BigInteger)
KEYS: BindParameter[int] = bindparam("keys", expanding=True)
JOBS_WITH_MODELS = jobs.outerjoin(
    models,
    and_(models.c.account == jobs.c.account, models.c.model_id == jobs.c.model_id),
)
WITH_USERS = JOBS_WITH_MODELS.outerjoin(
    users, and_(users.c.account == jobs.c.account, users.c.user_id == jobs.c.user_id)
)
LATEST_FIRST = (jobs.c.created_at.desc(), jobs.c.job_id.desc())
# Without LATERAL, a subquery that is run for each model. The plus keeps SQLite from
# walking through all jobs, for an index that has the order.
SIBLINGS_ON_SQLITE = text(
    "SELECT m.model_id, j.job_identifier, j.status, j.created_at FROM models AS m"
    " CROSS JOIN jobs AS j WHERE m.account = :account AND m.model_id IN :keys"
    " AND j.account = m.account AND j.job_id IN (SELECT i.job_id FROM jobs AS i"
    " WHERE i.account = m.account AND i.model_id = m.model_id"
    " ORDER BY i.created_at DESC, i.job_id DESC LIMIT 3)"
    " ORDER BY m.model_id, +j.created_at DESC, +j.job_id DESC"
).bindparams(KEYS)


def raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Select a column as it is kept; the shapes convert."""
    return type_coerce(column, BigInteger).label(None)


J = jobs.c
JOB_24 = (
    J.source, J.job_identifier, J.project_id, J.category, J.label, J.status,
    J.submitted_by, raw(J.created_at), raw(J.submitted_at), raw(J.started_at),
    raw(J.finished_at), raw(J.updated_at), J.total, J.pending, J.completed, J.failed,
    J.elapsed_ms, J.queue_ms, J.input_bytes, raw(J.cost_amount), J.cost_currency,
    models.c.identifier, models.c.version,
)  # fmt: skip
JOB_38 = (
    J.source, J.job_identifier, J.account, J.project_id, J.category, J.category_key,
    J.label, J.status, J.raw_status, J.submitted_by, raw(J.created_at),
    raw(J.submitted_at), raw(J.assigned_at), raw(J.started_at), raw(J.finished_at),
    raw(J.updated_at), J.total, J.pending, J.completed, J.failed, J.elapsed_ms,
    J.queue_ms, J.timeout_ms, J.explain, J.input_bytes, J.instance, J.run,
    raw(J.cost_amount), J.cost_currency, models.c.identifier, models.c.version,
    models.c.name, users.c.source, users.c.identifier, users.c.title,
)  # fmt: skip


def to_page(selected: Select[Any]) -> Select[Any]:
    """Select the latest jobs."""
    return selected.where(J.account == ACCOUNT).order_by(*LATEST_FIRST).limit(LIMIT)


def to_statements(*, is_sqlite: bool) -> Mapping[str, Executable]:
    """Write all statements."""
    inputs = job_inputs.c
    return {
        "page24": to_page(select(*JOB_24).select_from(JOBS_WITH_MODELS)),
        "page5": to_page(
            select(
                J.job_identifier, J.status, J.category, raw(J.created_at), J.elapsed_ms
            )
        ),
        "job": select(*JOB_24)
        .select_from(JOBS_WITH_MODELS)
        .where(J.account == ACCOUNT, J.job_identifier == bindparam("key")),
        "jobs": to_page(
            select(
                J.job_id,
                J.model_id,
                J.job_identifier,
                J.status,
                raw(J.created_at),
                models.c.identifier,
                models.c.version,
            ).select_from(JOBS_WITH_MODELS)
        ),
        "inputs": select(
            inputs.job_id,
            inputs.identifier,
            inputs.status,
            inputs.elapsed_ms,
            inputs.input_bytes,
        )
        .where(inputs.account == ACCOUNT, inputs.job_id.in_(KEYS), inputs.position < 5)
        .order_by(inputs.job_id, inputs.position),
        "siblings": SIBLINGS_ON_SQLITE if is_sqlite else to_siblings(),
        "usage": to_usage(is_sqlite=is_sqlite),
        "explorer": to_page(select(*JOB_38).select_from(WITH_USERS)),
    }


def to_siblings() -> Select[Any]:
    """Select the latest three jobs of each model."""
    latest = (
        select(
            J.job_identifier, J.status, raw(J.created_at).label("created_us"), J.job_id
        )
        .where(J.account == ACCOUNT, J.model_id == models.c.model_id)
        .order_by(*LATEST_FIRST)
        .limit(3)
        .lateral("latest")
    )
    found = latest.c
    return (
        select(models.c.model_id, found.job_identifier, found.status, found.created_us)
        .select_from(models.join(latest, true()))
        .where(models.c.account == ACCOUNT, models.c.model_id.in_(KEYS))
        .order_by(models.c.model_id, latest.c.created_us.desc(), latest.c.job_id.desc())
    )


def to_usage(*, is_sqlite: bool) -> Select[Any]:
    """Sum the time of runs inside a window, by category."""
    smaller, larger = (func.min, func.max) if is_sqlite else (func.least, func.greatest)
    start, end, now = (
        bindparam(name, type_=BigInteger) for name in ("start", "end", "now")
    )
    run_end = func.coalesce(J.run_end_ms, larger(now, J.run_start_ms))
    inside = smaller(run_end, end) - larger(J.run_start_ms, start)
    length_ms = cast(func.sum(inside), BigInteger)
    return (
        select(J.category, length_ms, func.count())
        .where(
            J.account == ACCOUNT,
            J.run_start_ms < end,
            or_(run_end > start, J.run_start_ms >= start),
        )
        .group_by(J.category)
        .order_by(
            length_ms.desc(), case((J.category.is_(None), 1), else_=0), J.category
        )
    )


def open_plain_engine(url: str) -> AsyncEngine:
    """Make an engine as one does, with the gateway's pool size and pragmas."""
    engine = create_async_engine(parse_database_url(url), pool_size=10, max_overflow=0)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", prepare_reader)
    return engine


class CoreReads:
    """Runs statements through SQLAlchemy's connections."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.connect = engine.connect
        self.statements = to_statements(is_sqlite=engine.dialect.name == "sqlite")

    async def fetch(
        self, conn: AsyncConnection, name: str, values: Mapping[str, Any]
    ) -> Sequence[Row]:
        """See `Reads`."""
        return (await conn.execute(self.statements[name], values)).all()

    async def close(self) -> None:
        """See `Reads`."""
        await self.engine.dispose()


def make_core_app(url: str) -> Starlette:
    """Make the application."""

    async def open_reads() -> CoreReads:
        return CoreReads(open_plain_engine(url))

    return make_endpoints(open_reads)
