"""A slow, broken or boundless upstream harms neither others nor the gateway."""

import asyncio
import signal
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from gateway.settings import read_settings
from gateway.store.database import open_database
from gateway.store.status import read_account_counts
from tests.auth.sites import serving, to_answer
from tests.features.gateways import start, to_end, to_ended
from tests.upstreams.running import (
    ACCOUNT,
    CREDENTIALS,
    Upstream,
    running_upstream,
    to_table,
    to_variable,
    write_tables,
)

JOBS = 500
PATIENCE_S = 60
LIMIT_BYTES = 1_000_000
# What lies in buffers between two processes counts as sent.
SLACK_BYTES = 20_000_000
PIECE = b" " * 100_000
REPEATED = {
    "modzy": [
        {
            "jobIdentifier": "five",
            "createdAt": "2026-05-01T12:00:00.000+00:00",
            "status": "COMPLETED",
        }
    ],
    "edge-impulse": {
        "success": True,
        "jobs": [{"id": 5, "created": "2026-05-01T12:00:00Z"}],
        "job": {"id": 5, "created": "2026-05-01T12:00:00Z"},
        "totalJobCount": 1,
        "summary": [],
        "stdout": [],
    },
}
BOMB = zlib.compress(b" " * 50_000_000, wbits=31)


async def count_jobs(url: str) -> int:
    database = open_database(read_settings(database_url=url))
    counts = await read_account_counts(database)
    await database.close()
    return sum(each.jobs for each in counts)


async def wait_for_jobs(url: str) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while await count_jobs(url) < JOBS:
        assert time.monotonic() < until_s
        await asyncio.sleep(0.1)


@pytest.fixture
def modzy() -> Iterator[Upstream]:
    with running_upstream("modzy", JOBS, seed=1) as upstream:
        upstream.rest()
        yield upstream


async def test_a_silent_and_a_broken_upstream_harm_no_other(
    sqlite_url: str, modzy: Upstream, tmp_path: Path
) -> None:
    broken = {"/api/v1/jobs/": to_answer(status="500 Oh No")}
    async with serving({}) as silent_url, serving(broken) as broken_url:
        good = to_table(modzy)
        tables = [
            {**good, "name": "silent", "base_url": silent_url},
            {**good, "name": "broken", "base_url": broken_url, "kind": "sharedcloud"},
            good,
        ]
        env = {
            **write_tables(tmp_path, tables),
            to_variable("modzy"): CREDENTIALS["modzy"],
            "GATEWAY_DATABASE_URL": sqlite_url,
        }
        process = await start(("sync",), env)
        try:
            await wait_for_jobs(sqlite_url)
        finally:
            process.send_signal(signal.SIGTERM)
            ended = await to_ended(process)
    assert (ended.code, "Traceback" in ended.stderr) == (0, False), ended.stderr


@asynccontextmanager
async def repeating(answer: object) -> AsyncIterator[str]:
    """Give the address of an upstream that answers the same, whatever is asked."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(to_answer(orjson.dumps(answer)))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("kind", REPEATED)
async def test_a_list_whose_pages_are_all_the_same_comes_to_an_end(
    kind: str, sqlite_url: str, tmp_path: Path
) -> None:
    async with repeating(REPEATED[kind]) as url:
        table = {
            "kind": kind,
            "base_url": url,
            "account": ACCOUNT,
            "project": 42,
            "credential_env": to_variable(kind),
        }
        env = {
            **write_tables(tmp_path, [table]),
            to_variable(kind): CREDENTIALS[kind],
            "GATEWAY_DATABASE_URL": sqlite_url,
        }
        ended = await to_end("sync", "--once", env=env)
    assert (ended.code, "new 1," in ended.stdout) == (0, True)


@dataclass(slots=True, kw_only=True)
class Boundless:
    """An upstream whose answer does not end.

    Attributes:
        sent_bytes: How much of it was sent before the client had enough.
    """

    head: bytes
    piece: bytes
    url: str = ""
    sent_bytes: int = 0

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer until the client has enough."""
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self.head)
        with suppress(ConnectionError):
            while True:
                writer.write(self.piece)
                await writer.drain()
                self.sent_bytes += len(self.piece)


def to_head(headers: str) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{headers}\r\n".encode()
    )


ENDLESS = {
    "chunked": (
        to_head("transfer-encoding: chunked\r\n"),
        b"%x\r\n%s\r\n" % (len(PIECE), PIECE),
    ),
    "long": (to_head("content-length: 99999999999\r\n"), PIECE),
    "until it ends": (to_head("connection: close\r\n"), PIECE),
    "bomb": (to_head("content-encoding: gzip\r\n"), BOMB),
}


@asynccontextmanager
async def boundless(name: str) -> AsyncIterator[Boundless]:
    head, piece = ENDLESS[name]
    upstream = Boundless(head=head, piece=piece)
    async with await asyncio.start_server(upstream.answer, "127.0.0.1", 0) as server:
        upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield upstream


@pytest.mark.parametrize("name", ENDLESS)
async def test_an_answer_beyond_the_limit_is_given_up_early(
    name: str, sqlite_url: str, tmp_path: Path
) -> None:
    async with boundless(name) as upstream:
        table = {
            "kind": "sharedcloud",
            "base_url": upstream.url,
            "account": ACCOUNT,
            "credential_env": to_variable("sharedcloud"),
            "max_body_bytes": LIMIT_BYTES,
        }
        env = {
            **write_tables(tmp_path, [table]),
            to_variable("sharedcloud"): CREDENTIALS["sharedcloud"],
            "GATEWAY_DATABASE_URL": sqlite_url,
        }
        ended = await to_end("sync", "--once", env=env)
    assert (ended.code, upstream.sent_bytes < SLACK_BYTES) == (1, True)
    assert f"{LIMIT_BYTES} bytes" in ended.stderr
