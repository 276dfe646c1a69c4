"""Bodies that are long, slow, broken off or too many, sent to a gateway that serves."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from gateway.store.status import read_account_counts
from gateway.store.usage.verify import verify_usage
from tests.features.gateways import Gateway, running_gateway
from tests.features.recording import WRITER, make_report

PATIENCE_S = 120
LINES, IDENTIFIERS = 100_000, 10_000
# So much more may a gateway need that took a body twice as large.
GROWTH_BYTES = 60 * 1024 * 1024
BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A gateway that serves, and a key to write with."""

    gateway: Gateway
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"x-api-key": self.key, "content-type": "application/x-ndjson"}

    async def send(self, body: bytes | AsyncIterator[bytes]) -> Any:  # noqa: ANN401 -- JSON
        """Send a body, and give the answer."""
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
            url = f"{self.gateway.address}/ingest/ndjson"
            answer = await client.post(url, content=body, headers=self.headers)
        return answer.json()

    async def ask(self) -> bool:
        """Ask who is asking, and tell whether there was an answer."""
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
            url = f"{self.gateway.address}/graphql"
            query = {"query": "{ viewer { accountIdentifier } }"}
            key = {"x-api-key": self.key}
            answer = await client.post(url, json=query, headers=key)
        return bool(answer.json()["data"]["viewer"]["accountIdentifier"] == "acme")

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Wire"]:
        """Begin to send a body, over a connection of its own."""
        port = int(self.gateway.address.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        writer.write(
            f"POST /ingest/ndjson HTTP/1.1\r\nhost: a\r\n{head}"
            "transfer-encoding: chunked\r\n\r\n".encode()
        )
        yield Wire(reader=reader, writer=writer)
        writer.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A connection over which a body is being sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, chunk: bytes) -> None:
        """Send a chunk; an empty one ends the body."""
        self.writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        await self.writer.drain()

    async def read(self) -> tuple[int, Any]:
        """Wait for the answer; give status and body."""
        async with asyncio.timeout(PATIENCE_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            found = re.search(r"content-length: (\d+)", head)
            assert found is not None
            body = await self.reader.readexactly(int(found[1]))
        return int(head.split()[1]), json.loads(body)


@asynccontextmanager
async def open_sender(settings: Settings, **env: str) -> AsyncIterator[Sender]:
    """Serve a gateway on a database, with some settings."""
    url = settings.database_url.get_secret_value()
    database = open_database(settings)
    issued = await issue_key(database, KeyRequest(account="acme", scopes=WRITER))
    await database.close()
    async with running_gateway(env={"GATEWAY_DATABASE_URL": url, **env}) as gateway:
        yield Sender(gateway=gateway, key=issued.text)


def to_line(number: int, **changes: object) -> bytes:
    report = make_report(f"job-{number}", startedAt="2026-03-02T09:00:00Z", **changes)
    return json.dumps({**report, "elapsedTime": 60_000}).encode() + b"\n"


def to_lines(first: int, last: int) -> bytes:
    return b"".join(map(to_line, range(first, last)))


async def stream(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Send lines, many in a chunk."""
    chunk = bytearray()
    for line in lines:
        chunk += line
        if len(chunk) > 500_000:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)


def read_peak_bytes(gateway: Gateway) -> int:
    """Read the most memory that the process has ever had."""
    status = Path(f"/proc/{gateway.process.pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


async def count_jobs(database: Database) -> int:
    counts = await read_account_counts(database)
    return counts[0].jobs if counts else 0


async def wait_for_a_batch(database: Database) -> None:
    """Wait until something is written."""
    async with asyncio.timeout(PATIENCE_S):
        while await count_jobs(database) == 0:  # noqa: ASYNC110 -- of another process
            await asyncio.sleep(0.05)


async def keep_asking(sender: Sender, task: asyncio.Task[Any]) -> int:
    """Ask until a task is done, and count the answers."""
    answers = 0
    while not task.done():
        answers += await sender.ask()
    return answers


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is read from /proc"
)
async def test_a_long_body_is_never_in_memory_and_others_are_answered_meanwhile(
    sqlite_url: str,
) -> None:
    # The text makes the whole body larger than what may be needed for it.
    label = "x" * 1_000
    settings = read_settings(database_url=sqlite_url)
    async with open_sender(settings) as sender:
        few = (to_line(number, label=label) for number in range(2 * BATCH))
        assert (await sender.send(stream(few)))["new"] == 2 * BATCH
        before_bytes = read_peak_bytes(sender.gateway)
        many = (to_line(at % IDENTIFIERS, label=label) for at in range(LINES))
        task = asyncio.create_task(sender.send(stream(many)))
        answers = await keep_asking(sender, task)
        answer = task.result()
        assert (answer["read"], answer["unchanged"]) == (LINES, LINES)
        assert read_peak_bytes(sender.gateway) - before_bytes < GROWTH_BYTES
        assert answers > 10


async def test_of_a_body_that_is_broken_off_whole_batches_stay_and_nothing_hangs(
    settings: Settings, database: Database
) -> None:
    async with open_sender(settings) as sender:
        async with sender.open() as wire:
            await wire.send(to_lines(0, BATCH + 700))
            await wait_for_a_batch(database)
            wire.writer.transport.abort()
        assert await sender.ask()
        assert await count_jobs(database) == BATCH
        assert await verify_usage(database, "acme", limit=3) == []
        answer = await sender.send(to_lines(0, BATCH + 700))
        assert (answer["new"], answer["unchanged"]) == (700, BATCH)
        assert (await sender.gateway.stop()).code == 0
    assert await verify_usage(database, "acme", limit=3) == []


async def test_a_slow_body_may_take_longer_than_a_request_if_it_goes_on(
    sqlite_url: str,
) -> None:
    settings = read_settings(database_url=sqlite_url)
    limits = {"GATEWAY_REQUEST_TIMEOUT_S": "0.5", "GATEWAY_INGEST_TIMEOUT_S": "4"}
    async with open_sender(settings, **limits) as sender, sender.open() as wire:
        for number in range(12):
            await wire.send(to_line(number))
            await asyncio.sleep(0.5)
        await wire.send(b"")
        status, answer = await wire.read()
    assert (status, answer["new"]) == (200, 12)


async def test_a_body_that_stands_still_is_ended_and_what_was_written_stays(
    sqlite_url: str,
) -> None:
    settings = read_settings(database_url=sqlite_url)
    async with open_sender(settings, GATEWAY_INGEST_TIMEOUT_S="1") as sender:
        async with sender.open() as wire:
            await wire.send(to_lines(0, BATCH + 10))
            status, answer = await wire.read()
        (error,) = answer["errors"]
        assert (status, error["extensions"]["code"]) == (504, "TIMEOUT")
        assert error["message"].startswith("nothing came, or could be written, for 1 s")
        assert answer["new"] == BATCH
        assert (await sender.send(to_lines(0, BATCH + 10)))["new"] == 10


async def test_one_body_more_than_a_process_takes_is_told_to_come_later(
    sqlite_url: str,
) -> None:
    settings = read_settings(database_url=sqlite_url)
    async with open_sender(settings, GATEWAY_MAX_INGESTS="1") as sender:
        async with sender.open() as wire:
            await wire.send(to_line(1))
            while "errors" not in (answer := await sender.send(b"")):
                pass  # the other has not begun yet
            assert answer["errors"][0]["extensions"]["code"] == "OVERLOADED"
            await wire.send(b"")
            assert (await wire.read())[1]["new"] == 1
        assert (await sender.send(to_line(2)))["new"] == 1


async def test_a_gateway_that_stops_ends_a_body_after_its_batch(
    sqlite_url: str,
) -> None:
    settings = read_settings(database_url=sqlite_url)
    async with open_sender(settings, GATEWAY_SHUTDOWN_TIMEOUT_S="1") as sender:
        async with sender.open() as wire:
            await wire.send(to_lines(0, BATCH + 10))
            database = open_database(settings)
            await wait_for_a_batch(database)
            ended = await sender.gateway.stop()
            status, answer = await wire.read()
        assert (ended.code, status) == (0, 503)
        assert answer["errors"][0]["extensions"]["code"] == "OVERLOADED"
        assert await count_jobs(database) == BATCH
        await database.close()


async def test_a_body_of_a_byte_now_and_then_is_ended_and_leaves_its_place(
    sqlite_url: str,
) -> None:
    settings = read_settings(database_url=sqlite_url)
    limits = {"GATEWAY_INGEST_TIMEOUT_S": "1", "GATEWAY_MAX_INGESTS": "1"}
    async with open_sender(settings, **limits) as sender:
        async with sender.open() as wire:
            await wire.send(to_line(1))
            reading = asyncio.create_task(wire.read())
            while not reading.done():
                await wire.send(b" ")
                await asyncio.sleep(0.1)
            status, answer = await reading
        (error,) = answer["errors"]
        assert (status, error["extensions"]["code"]) == (504, "TIMEOUT")
        assert (
            "less than 100 bytes (GATEWAY_MIN_CLIENT_BYTES_PER_S)" in error["message"]
        )
        assert (await sender.send(to_line(2)))["new"] == 1


async def test_an_account_cannot_take_the_places_of_others(sqlite_url: str) -> None:
    settings = read_settings(database_url=sqlite_url)
    database = open_database(settings)
    other = await issue_key(database, KeyRequest(account="other", scopes=WRITER))
    await database.close()
    limits = {"GATEWAY_MAX_INGESTS": "3", "GATEWAY_MAX_INGESTS_BY_ACCOUNT": "2"}
    async with open_sender(settings, **limits) as sender:
        async with sender.open() as first, sender.open() as second:
            await asyncio.gather(first.send(to_line(1)), second.send(to_line(2)))
            while "errors" not in (answer := await sender.send(b"")):
                pass  # the others have not begun yet
            theirs = await replace(sender, key=other.text).send(to_line(3))
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "OVERLOADED"
        assert error["message"].startswith("2 bodies of the account are being taken")
        assert "(GATEWAY_MAX_INGESTS_BY_ACCOUNT)" in error["message"]
        assert theirs["new"] == 1
