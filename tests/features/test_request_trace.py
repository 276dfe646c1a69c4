"""A warm page passes few files, functions and frames: hops are what readers pay."""

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.web.app import create_app
from tests.benchmarks.works import WORKS
from tests.factories import make_job, put
from tests.features.request_traces import PACKAGE, Trace, traced

PAGE = WORKS[0].document
MAX_FILES, MAX_FUNCTIONS, MAX_FRAMES = 25, 80, 16


async def ask(app: Starlette, state: object, key: str) -> list[Message]:
    """Ask for a page as a server would hand the request on; give what is sent."""
    body = orjson.dumps({"query": PAGE})
    headers = {"content-type": "application/json", "x-api-key": key, "host": "x"}
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        "client": ("127.0.0.1", 1),
        "state": state,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


@pytest.fixture
async def trace(settings: Settings, database: Database) -> AsyncIterator[Trace]:
    """The trace of a page that was asked for before."""
    await put(database, "acme", *(make_job() for _ in range(60)))
    request = KeyRequest(account="acme", scopes=["jobs:read"])
    key = (await issue_key(database, request)).text
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:
        await ask(app, dict(state or {}), key)
        with traced() as found:
            start, body = await ask(app, dict(state or {}), key)
        assert start["status"] == 200
        page = orjson.loads(body["body"])["data"]["jobs"]
        assert len(page["nodes"]) == 50
        assert page["pageInfo"] == {"hasNextPage": True}
        yield found


async def test_a_warm_page_passes_few_files_functions_and_frames(trace: Trace) -> None:
    files = sorted(str(Path(name).relative_to(PACKAGE)) for name in trace.files)
    functions = [code.co_qualname for code in trace.functions]
    frames = [code.co_qualname for code in trace.deepest]
    assert len(files) <= MAX_FILES, files
    assert len(functions) <= MAX_FUNCTIONS, functions
    assert len(frames) <= MAX_FRAMES, frames
