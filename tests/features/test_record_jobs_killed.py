"""Callers that die in the middle of a call leave all of it or nothing, and no mess."""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.usage.verify import verify_usage
from tests.features.gateways import Gateway, running_gateway
from tests.features.recording import FULL

CALLS = 8
JOBS = 100
RECORD = "mutation ($jobs: [JobRecordInput!]!) { recordJobs(jobs: $jobs) { recorded } }"
COUNT = {"query": "{ jobs { totalCount } }"}
PATIENCE_S = 60


def to_request(key: str, jobs: Sequence[Mapping[str, Any]]) -> bytes:
    """Write a call as it goes over the wire."""
    body = json.dumps({"query": RECORD, "variables": {"jobs": jobs}}).encode()
    head = (
        "POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
        f"x-api-key: {key}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def call_and_die(gateway: Gateway, request: bytes, delay_s: float) -> None:
    """Send a call, and reset the connection some time after."""
    port = int(gateway.address.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    await asyncio.sleep(delay_s)
    writer.transport.abort()


async def count_jobs(gateway: Gateway, key: str) -> int:
    """Count the jobs; this also says that the gateway answers."""
    async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
        answer = await client.post(
            f"{gateway.address}/graphql", json=COUNT, headers={"x-api-key": key}
        )
    total: int = answer.json()["data"]["jobs"]["totalCount"]
    return total


async def test_a_caller_that_dies_leaves_whole_calls_and_right_figures(
    settings: Settings, database: Database
) -> None:
    scopes = ["jobs:read", "jobs:write"]
    issued = await issue_key(database, KeyRequest(account="acme", scopes=scopes))
    chance = random.Random(5)  # noqa: S311 -- picks when to die
    jobs = [
        [{**FULL, "jobIdentifier": f"{call}-{at}"} for at in range(JOBS)]
        for call in range(CALLS)
    ]
    env = {"GATEWAY_DATABASE_URL": settings.database_url.get_secret_value()}
    async with running_gateway(env=env) as gateway:
        for each in jobs:
            request = to_request(issued.text, each)
            await call_and_die(gateway, request, chance.uniform(0, 0.3))
            assert await count_jobs(gateway, issued.text) % JOBS == 0
            assert await verify_usage(database, "acme", limit=3) == []
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
            for each in jobs:
                await client.post(
                    f"{gateway.address}/graphql",
                    json={"query": RECORD, "variables": {"jobs": each}},
                    headers={"x-api-key": issued.text},
                )
        assert await count_jobs(gateway, issued.text) == CALLS * JOBS
    assert await verify_usage(database, "acme", limit=3) == []
