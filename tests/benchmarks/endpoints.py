"""Hand-written endpoints: paths to JSON, on whatever reads the rows."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.benchmarks.shapes import (
    Row,
    to_edges_page,
    to_explorer,
    to_job5,
    to_job24,
    to_nested,
    to_page,
    to_summary,
)
from tests.benchmarks.works import ACCOUNT


class Reads(Protocol):
    """What runs the statements of a contestant, by name."""

    def connect(self) -> AbstractAsyncContextManager[Any]:
        """Give a connection for the length of a block."""

    async def fetch(
        self,
        conn: Any,  # noqa: ANN401 -- of the contestant's own library
        name: str,
        values: Mapping[str, Any],
    ) -> Sequence[Row]:
        """Run a statement; the values are in the order of its parameters."""

    async def close(self) -> None:
        """Close all connections."""


def make_endpoints(open_reads: Callable[[], Any]) -> Starlette:
    """Make the application; `open_reads` is awaited when it starts."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Reads]]:
        reads: Reads = await open_reads()
        yield {"reads": reads}
        await reads.close()

    return Starlette(
        routes=[
            Route("/page24", page24),
            Route("/page5", page5),
            Route("/job/{key}", job),
            Route("/nested", nested),
            Route("/usage", usage),
            Route("/explorer", explorer),
        ],
        lifespan=lifespan,
    )


def answer(data: dict[str, Any]) -> Response:
    """Encode an answer."""
    body = orjson.dumps({"data": data}, option=orjson.OPT_UTC_Z)
    return Response(body, media_type="application/json")


async def page24(request: Request) -> Response:
    """Answer a page of 50."""
    reads: Reads = request.state.reads
    async with reads.connect() as conn:
        rows = await reads.fetch(conn, "page24", {"account": ACCOUNT, "limit": 51})
    return answer({"jobs": to_page(rows, 50, to_job24)})


async def page5(request: Request) -> Response:
    """Answer a page of 100."""
    reads: Reads = request.state.reads
    async with reads.connect() as conn:
        rows = await reads.fetch(conn, "page5", {"account": ACCOUNT, "limit": 101})
    return answer({"jobs": to_page(rows, 100, to_job5)})


async def job(request: Request) -> Response:
    """Answer one job."""
    reads: Reads = request.state.reads
    values = {"account": ACCOUNT, "key": request.path_params["key"]}
    async with reads.connect() as conn:
        rows = await reads.fetch(conn, "job", values)
    return answer({"job": to_job24(rows[0]) if rows else None})


async def nested(request: Request) -> Response:
    """Answer a page with two lists below it, in three statements."""
    reads: Reads = request.state.reads
    async with reads.connect() as conn:
        rows = await reads.fetch(conn, "jobs", {"account": ACCOUNT, "limit": 51})
        shown = rows[:50]
        keys = [row[0] for row in shown]
        models = list({row[1] for row in shown if row[1] is not None})
        inputs = await reads.fetch(conn, "inputs", {"account": ACCOUNT, "keys": keys})
        siblings = (
            await reads.fetch(conn, "siblings", {"account": ACCOUNT, "keys": models})
            if models
            else []
        )
    nodes = to_nested(shown, inputs, siblings)
    return answer(
        {"jobs": {"nodes": nodes, "pageInfo": {"hasNextPage": len(rows) > 50}}}
    )


async def usage(request: Request) -> Response:
    """Answer a usage summary."""
    reads: Reads = request.state.reads
    values = {
        "account": ACCOUNT,
        "start": to_ms(request.query_params["startDate"]),
        "end": to_ms(request.query_params["endDate"]),
        "now": int(time.time() * 1000),
    }
    async with reads.connect() as conn:
        rows = await reads.fetch(conn, "usage", values)
    return answer({"usageSummary": to_summary(rows)})


def to_ms(text: str) -> int:
    """Read an instant as ms since 1970."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)


async def explorer(request: Request) -> Response:
    """Answer a page of 20 with edges."""
    reads: Reads = request.state.reads
    async with reads.connect() as conn:
        rows = await reads.fetch(conn, "explorer", {"account": ACCOUNT, "limit": 21})
    return answer({"jobs": to_edges_page(rows, 20, to_explorer)})
