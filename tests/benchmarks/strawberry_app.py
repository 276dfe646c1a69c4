"""The contestant in plain Strawberry: ordinary resolvers over the ORM.

As good as one makes it: to-one relations are loaded with the page where they are asked
for, lists below by data loaders, and parsed and validated documents are kept.
"""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

import strawberry
from sqlalchemy import Select, bindparam, select, text, true
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import aliased, selectinload
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types.nodes import SelectedField
from typing_extensions import override

from tests.benchmarks.core_endpoint import open_plain_engine, to_usage
from tests.benchmarks.orm import InputRow, JobRow, ModelRow
from tests.benchmarks.strawberry_types import (
    CONFIG,
    BigInt,
    DateTime,
    Job,
    JobConnection,
    JobEdge,
    PageInfo,
    UsageGroup,
    UsageMetrics,
    UsageSummary,
)
from tests.benchmarks.works import ACCOUNT

CACHED_DOCUMENTS = 500
LATEST_FIRST = (JobRow.created_at.desc(), JobRow.job_id.desc())
# Without LATERAL, a subquery that is run for each model; for the plus see
# `core_endpoint`.
TOP_ON_SQLITE = text(
    "SELECT jobs.* FROM models AS m CROSS JOIN jobs WHERE m.account = :account"
    " AND m.model_id IN :keys AND jobs.account = m.account AND jobs.job_id IN"
    " (SELECT i.job_id FROM jobs AS i WHERE i.account = m.account"
    " AND i.model_id = m.model_id ORDER BY i.created_at DESC, i.job_id DESC"
    " LIMIT :first) ORDER BY m.model_id, +jobs.created_at DESC, +jobs.job_id DESC"
).bindparams(bindparam("keys", expanding=True))


def names_in(fields: Sequence[Any]) -> set[str]:
    """Name all fields of a selection, whatever the level."""
    names: set[str] = set()
    for field in fields:
        if isinstance(field, SelectedField):
            names.add(field.name)
        names |= names_in(field.selections)
    return names


def with_relations(page: Select[Any], info: strawberry.Info) -> Select[Any]:
    """Have the to-one relations loaded that are asked for."""
    names = names_in(info.selected_fields)
    relations = {"model": JobRow.model, "user": JobRow.user}
    return page.options(
        *(selectinload(found) for name, found in relations.items() if name in names)
    )


async def resolve_jobs(info: strawberry.Info, first: int = 50) -> JobConnection:
    """List jobs."""
    page = with_relations(select(JobRow), info).where(
        JobRow.account_identifier == ACCOUNT
    )
    async with info.context["sessions"]() as session:
        found = await session.scalars(page.order_by(*LATEST_FIRST).limit(first + 1))
        rows: Any = found.all()
    return JobConnection(
        nodes=rows[:first],
        edges=[JobEdge(node=row) for row in rows[:first]],
        page_info=PageInfo(has_next_page=len(rows) > first),
    )


async def resolve_job(info: strawberry.Info, job_identifier: str) -> Job | None:
    """Look up one job."""
    found = with_relations(select(JobRow), info).where(
        JobRow.account_identifier == ACCOUNT, JobRow.job_identifier == job_identifier
    )
    async with info.context["sessions"]() as session:
        row: Job | None = await session.scalar(found)
    return row


async def resolve_usage(
    info: strawberry.Info, start_date: DateTime, end_date: DateTime
) -> UsageSummary:
    """Compute a usage summary."""
    values = {
        "account": ACCOUNT,
        "start": to_ms(start_date),
        "end": to_ms(end_date),
        "now": int(time.time() * 1000),
    }
    is_sqlite = info.context["is_sqlite"]
    async with info.context["sessions"]() as session:
        rows = (await session.execute(to_usage(is_sqlite=is_sqlite), values)).all()
    return UsageSummary(
        summary=[
            UsageGroup(category=category, length_ms=length_ms, job_count=count)
            for category, length_ms, count in rows
        ],
        totals=UsageMetrics(
            length_ms=BigInt(sum(row[1] for row in rows)),
            job_count=BigInt(sum(row[2] for row in rows)),
        ),
    )


def to_ms(instant: datetime) -> int:
    """Convert an instant to ms since 1970."""
    return int(instant.timestamp() * 1000)


@strawberry.type
class Query:
    jobs: JobConnection = strawberry.field(resolver=resolve_jobs)
    job: Job | None = strawberry.field(resolver=resolve_job)
    usage_summary: UsageSummary = strawberry.field(resolver=resolve_usage)


class View(GraphQL[dict[str, Any], None]):
    """Strawberry's view, with sessions and new data loaders for each request."""

    def __init__(self, schema: strawberry.Schema, engine: AsyncEngine) -> None:
        super().__init__(schema)
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.sessions = async_sessionmaker(engine, expire_on_commit=False)

    @override
    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> dict[str, Any]:
        loads = Loads(self.sessions, is_sqlite=self.is_sqlite)
        return {
            "sessions": self.sessions,
            "is_sqlite": self.is_sqlite,
            "inputs": DataLoader(loads.load_inputs),
            "model_jobs": DataLoader(loads.load_model_jobs),
        }


class Loads:
    """What the data loaders load."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], *, is_sqlite: bool
    ) -> None:
        self.sessions = sessions
        self.is_sqlite = is_sqlite

    async def load_inputs(self, keys: list[int]) -> list[list[InputRow]]:
        """Load the inputs of jobs."""
        wanted = (
            select(InputRow)
            .where(InputRow.account == ACCOUNT, InputRow.job_id.in_(keys))
            .order_by(InputRow.job_id, InputRow.position)
        )
        async with self.sessions() as session:
            rows = (await session.scalars(wanted)).all()
        return group(rows, "job_id", keys)

    async def load_model_jobs(self, keys: list[tuple[int, int]]) -> list[list[JobRow]]:
        """Load the latest jobs of models, and one more of each."""
        ids = [model_id for model_id, _ in keys]
        limit = max(first for _, first in keys) + 1
        async with self.sessions() as session:
            if self.is_sqlite:
                top = select(JobRow).from_statement(TOP_ON_SQLITE)
                values = {"account": ACCOUNT, "keys": ids, "first": limit}
                rows = (await session.scalars(top, values)).all()
            else:
                rows = (await session.scalars(to_top(ids, limit))).all()
        return group(rows, "model_id", ids)


def to_top(ids: list[int], limit: int) -> Select[Any]:
    """Select the latest jobs of each model."""
    latest = (
        select(JobRow)
        .where(
            JobRow.account_identifier == ACCOUNT, JobRow.model_id == ModelRow.model_id
        )
        .order_by(*LATEST_FIRST)
        .limit(limit)
        .lateral()
    )
    found = aliased(JobRow, latest)
    return (
        select(found)
        .select_from(ModelRow)
        .join(found, true())
        .where(ModelRow.account == ACCOUNT, ModelRow.model_id.in_(ids))
        .order_by(found.model_id, found.created_at.desc(), found.job_id.desc())
    )


def group(rows: Sequence[Any], name: str, keys: Sequence[int]) -> list[list[Any]]:
    """Part rows by a key, in the order of the keys."""
    found = {key: list(part) for key, part in groupby(rows, key=attrgetter(name))}
    return [found.get(key, []) for key in keys]


def make_strawberry_app(url: str) -> Starlette:
    """Make the application."""
    schema = strawberry.Schema(
        query=Query,
        config=CONFIG,
        extensions=[
            lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
            lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
        ],
    )
    engine = open_plain_engine(url)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    return Starlette(
        routes=[Route("/graphql", View(schema, engine))], lifespan=lifespan
    )
