"""A served gateway fetches jobs by itself, and tells of it."""

import asyncio
from typing import Any

import httpx2
import orjson
import pytest

from tests.features.gateways import Gateway, running_gateway, to_end
from tests.upstreams.making import SECRET, to_modzy
from tests.upstreams.sites import Asked, Reply, Site, serving, to_json

QUERY = """{
  sources { kind name state jobs error }
  jobs(first: 5) { nodes { jobIdentifier submittedBy } }
}"""


def answer(asked: Asked) -> Reply:
    """Answer with one job, that repeats the credential it is asked for with."""
    is_first = asked.params.get("page") == "1"
    return to_json([to_modzy(1, submittedBy=SECRET, team=SECRET)] if is_first else [])


def to_env(url: str, site: Site) -> dict[str, str]:
    """Set an upstream."""
    table = {
        "name": "our-modzy",
        "kind": "modzy",
        "base_url": site.address,
        "credential_env": "MODZY_KEY",
        "account": "acme",
        "interval_s": 0.2,
    }
    return {
        "GATEWAY_DATABASE_URL": url,
        "GATEWAY_UPSTREAMS": orjson.dumps([table]).decode(),
        "GATEWAY_LOG_LEVEL": "debug",
        "MODZY_KEY": SECRET,
    }


async def ask_until_idle(gateway: Gateway, key: str) -> dict[str, Any]:
    """Ask again and again until the first round is over."""
    async with (
        asyncio.timeout(60),
        httpx2.AsyncClient(base_url=gateway.address, timeout=60) as client,
    ):
        while True:
            headers = {"x-api-key": key}
            reply = await client.post(
                "/graphql", json={"query": QUERY}, headers=headers
            )
            data: dict[str, Any] = reply.json()["data"]
            if any(each["state"] == "IDLE" for each in data["sources"]):
                return data
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_jobs_arrive_by_themselves(workers: str, sqlite_url: str) -> None:
    async with serving(answer) as site:
        env = to_env(sqlite_url, site)
        made = await to_end("keys", "create", "--account", "acme", env=env)
        async with running_gateway("--workers", workers, env=env) as gateway:
            data = await ask_until_idle(gateway, made.stdout.strip())
            ended = await gateway.stop()
    assert data == {
        "sources": [
            {
                "kind": "MODZY",
                "name": "our-modzy",
                "state": "IDLE",
                "jobs": 1,
                "error": None,
            }
        ],
        "jobs": {"nodes": [{"jobIdentifier": "job-1", "submittedBy": "prefix"}]},
    }
    assert (ended.code, "hunter2" in ended.stderr) == (0, False)


async def test_a_wrong_upstream_ends_the_start_with_a_sentence(sqlite_url: str) -> None:
    env = {"GATEWAY_DATABASE_URL": sqlite_url, "GATEWAY_UPSTREAMS": '[{"kind": "a"}]'}
    ended = await to_end("serve", "--port", "0", env=env)
    assert ended.code == 1
    assert "error: upstream 'a': " in ended.stderr
    assert "Traceback" not in ended.stderr
