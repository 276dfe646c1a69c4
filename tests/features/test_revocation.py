"""A key that is revoked anywhere is refused everywhere."""

import asyncio
import time
from contextlib import ExitStack

import pytest
from starlette.testclient import TestClient

from gateway.auth.issuing import KeyRequest, issue_key, revoke_key
from gateway.settings import Settings, read_settings
from gateway.store.database import open_database
from tests.features.clients import open_client, to_body

QUERY = to_body("{ viewer { subject } }")
PATIENCE_S = 60


@pytest.fixture
def settings(shared_url: str) -> Settings:
    return read_settings(database_url=shared_url)


async def make_key(settings: Settings) -> str:
    database = open_database(settings)
    issued = await issue_key(database, KeyRequest(account="acme", scopes=[]))
    await database.close()
    return issued.text


async def revoke(settings: Settings, key: str) -> None:
    database = open_database(settings)
    await revoke_key(database, key)
    await database.close()


def wait_for_refusal(client: TestClient) -> str:
    """Ask until the key is refused, and give the reason."""
    until_s = time.monotonic() + PATIENCE_S
    while (answer := client.post("/graphql", json=QUERY)).status_code == 200:
        assert time.monotonic() < until_s
        time.sleep(0.1)
    message: str = answer.json()["errors"][0]["message"]
    return message


def test_every_replica_forgets_a_revoked_key(settings: Settings) -> None:
    key = asyncio.run(make_key(settings))
    with ExitStack() as stack:
        headers = {"x-api-key": key}
        replicas = [
            stack.enter_context(open_client(settings, headers)) for _ in range(2)
        ]
        first = [each.post("/graphql", json=QUERY).status_code for each in replicas]
        asyncio.run(revoke(settings, key))
        reasons = [wait_for_refusal(each) for each in replicas]
    assert first == [200, 200]
    assert reasons == ["the API key is revoked; ask for a new one"] * 2
