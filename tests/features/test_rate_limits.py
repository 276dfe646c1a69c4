"""Requests that are limited: by credential, by address, and across replicas."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from gateway.auth.issuing import KeyRequest, issue_key, revoke_key
from gateway.settings import Settings, read_settings
from gateway.store.database import open_database
from tests.auth.signing import SECRET, make_claims, make_token
from tests.features.clients import open_client, to_body
from tests.features.gateways import Gateway, running_gateway
from tests.redis_servers import RedisServer, running_redis

WHO = "{ viewer { subject rateLimit { limit remaining resetAt } } }"
WRONG = {"x-api-key": "wrong_key.of-nobody"}


async def make_key(settings: Settings, *scopes: str) -> str:
    database = open_database(settings)
    request = KeyRequest(account="acme", scopes=scopes or ("jobs:read",))
    key = await issue_key(database, request)
    await database.close()
    return key.text


@contextmanager
def serving(url: str, **changes: Any) -> Iterator[tuple[TestClient, str]]:  # noqa: ANN401 -- as Settings takes them
    """Serve a gateway with some settings, and give a key for it."""
    settings = read_settings(database_url=url, jwt_secret=SECRET, **changes)
    key = asyncio.run(make_key(settings, "admin"))
    with open_client(settings) as client:
        yield client, key


def ask(client: TestClient, headers: Mapping[str, str], query: str = WHO) -> Any:  # noqa: ANN401 -- an HTTP answer
    return client.post("/graphql", json=to_body(query), headers=dict(headers))


def statuses(client: TestClient, headers: Mapping[str, str], times: int) -> list[int]:
    return [ask(client, headers).status_code for _ in range(times)]


def to_token(subject: str, **claims: object) -> dict[str, str]:
    token = make_token(make_claims(sub=subject, **claims))
    return {"authorization": f"Bearer {token}"}


def test_without_a_limit_there_is_none_to_tell(sqlite_url: str) -> None:
    with serving(sqlite_url) as (client, key):
        answer = ask(client, {"x-api-key": key})
    assert answer.json()["data"]["viewer"]["rateLimit"] is None
    assert not [name for name in answer.headers if name.startswith("ratelimit")]


def test_every_answer_tells_what_is_left(sqlite_url: str) -> None:
    with serving(sqlite_url, rate_limit="5/minute") as (client, key):
        headers = {"x-api-key": key}
        answers = [
            ask(client, headers),
            ask(client, headers, "{ nope }"),
            ask(client, headers, "{"),
            client.get("/graphql", headers=headers),
        ]
    assert [each.status_code for each in answers] == [200, 400, 400, 400]
    policies = {each.headers["ratelimit-policy"] for each in answers}
    assert policies == {'"requests";q=5;w=60'}
    left = [each.headers["ratelimit"].split(";t=") for each in answers]
    assert [each[0] for each in left] == [f'"requests";r={n}' for n in (4, 3, 2, 1)]
    assert all(0 < int(each[1]) <= 60 for each in left)


def test_the_viewer_tells_what_is_left(sqlite_url: str) -> None:
    with serving(sqlite_url, rate_limit="5/minute") as (client, key):
        limit = ask(client, {"x-api-key": key}).json()["data"]["viewer"]["rateLimit"]
    assert (limit["limit"], limit["remaining"]) == (5, 4)
    reset_in = datetime.fromisoformat(limit["resetAt"]) - datetime.now(UTC)
    assert 0 < reset_in.total_seconds() <= 60


def test_a_request_too_many_is_told_when_to_come_again(sqlite_url: str) -> None:
    with serving(sqlite_url, rate_limit="2/minute") as (client, key):
        headers = {"x-api-key": key}
        assert statuses(client, headers, 2) == [200, 200]
        answer = ask(client, headers)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (429, "RATE_LIMITED")
    assert "more than 2 requests in 60 s" in error["message"]
    retry_ms = error["extensions"]["retryAfterMs"]
    assert 0 < retry_ms <= int(answer.headers["retry-after"]) * 1000 <= 60_000
    assert answer.headers["ratelimit"].startswith('"requests";r=0;t=')


def test_whoever_waits_is_answered_again(sqlite_url: str) -> None:
    with serving(sqlite_url, rate_limit="1/second") as (client, key):
        headers = {"x-api-key": key}
        answers = [ask(client, headers) for _ in range(20)]
        refused = next(each for each in answers if each.status_code == 429)
        time.sleep(int(refused.headers["retry-after"]))
        assert statuses(client, headers, 1) == [200]


def test_each_credential_has_its_own_rate(sqlite_url: str) -> None:
    with serving(sqlite_url, rate_limit="1/minute") as (client, key):
        assert statuses(client, {"x-api-key": key}, 2) == [200, 429]
        assert statuses(client, to_token("ada"), 2) == [200, 429]
        assert statuses(client, to_token("bob"), 2) == [200, 429]
        assert statuses(client, to_token("ada", account="globex"), 2) == [200, 429]


def test_another_token_of_a_person_brings_no_other_rate(sqlite_url: str) -> None:
    with serving(sqlite_url, rate_limit="1/minute") as (client, _):
        assert statuses(client, to_token("ada", jti="1"), 1) == [200]
        assert statuses(client, to_token("ada", jti="2"), 1) == [429]


def test_naming_accounts_brings_no_other_rate(sqlite_url: str) -> None:
    with serving(sqlite_url, rate_limit="2/minute") as (client, key):
        found = [
            ask(client, {"x-api-key": key, "x-account": account}).status_code
            for account in ("a", "b", "c")
        ]
    assert found == [200, 200, 429]


def test_what_needs_no_credential_is_not_limited(sqlite_url: str) -> None:
    with serving(sqlite_url, rate_limit="1/minute") as (client, _):
        paths = ["/healthz", "/readyz", "/.well-known/oauth-protected-resource"] * 3
        assert {client.get(path).status_code for path in paths} == {200}


def test_credentials_that_are_tried_one_after_another_are_slowed_down(
    sqlite_url: str,
) -> None:
    with serving(sqlite_url, failed_login_limit="3/minute") as (client, _):
        assert statuses(client, WRONG, 3) == [401] * 3
        answer = ask(client, {"authorization": "Bearer x"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (429, "RATE_LIMITED")
    assert 0 < error["extensions"]["retryAfterMs"] <= 60_000
    assert int(answer.headers["retry-after"]) > 0


def test_a_right_credential_is_answered_whatever_else_its_address_sent(
    sqlite_url: str,
) -> None:
    with serving(sqlite_url, failed_login_limit="1/minute") as (client, key):
        assert statuses(client, WRONG, 2) == [401, 429]
        assert statuses(client, {"x-api-key": key}, 1) == [200]
        assert statuses(client, to_token("ada"), 1) == [200]


def test_no_credential_is_no_failed_login(sqlite_url: str) -> None:
    with serving(sqlite_url, failed_login_limit="1/minute") as (client, _):
        assert statuses(client, {}, 3) == [401] * 3


def test_failed_logins_are_limited_unless_that_is_off(sqlite_url: str) -> None:
    with serving(sqlite_url) as (client, _):
        assert statuses(client, WRONG, 61) == [401] * 60 + [429]
    with serving(sqlite_url, failed_login_limit="off") as (client, _):
        assert statuses(client, WRONG, 61) == [401] * 61


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [((), [401, 429, 429]), (("127.0.0.0/8",), [401, 401, 429])],
)
def test_addresses_behind_a_proxy_are_told_apart_where_it_is_trusted(
    sqlite_url: str, trusted: tuple[str, ...], expected: list[int]
) -> None:
    settings = {"failed_login_limit": "1/minute", "trusted_proxies": trusted}
    with serving(sqlite_url, **settings) as (client, _):
        # The address of Starlette's client has to be one.
        client._transport.client = ("127.0.0.1", 1)  # type: ignore[attr-defined] # noqa: SLF001 -- it has no other way
        found = [
            ask(client, {**WRONG, "x-forwarded-for": each}).status_code
            for each in ("198.51.100.1", "198.51.100.2", "9.9.9.9, 198.51.100.2")
        ]
    assert found == expected


def test_a_key_that_is_revoked_fails_as_any_other(sqlite_url: str) -> None:
    settings = read_settings(database_url=sqlite_url, failed_login_limit="1/minute")

    async def make_revoked() -> str:
        text = await make_key(settings)
        database = open_database(settings)
        await revoke_key(database, text)
        await database.close()
        return text

    headers = {"x-api-key": asyncio.run(make_revoked())}
    with open_client(settings) as client:
        assert statuses(client, headers, 2) == [401, 429]


@pytest.fixture
async def redis(
    tmp_path: Path,
    anyio_backend: str,  # noqa: ARG001 -- runs it
) -> AsyncIterator[RedisServer]:
    async with running_redis(tmp_path) as server:
        yield server


async def asked(gateway: Gateway, headers: Mapping[str, str]) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=gateway.address) as client:
        return await client.post("/graphql", json=to_body(WHO), headers=dict(headers))


async def test_replicas_count_together_and_a_killed_redis_stops_none_of_them(
    sqlite_url: str, redis: RedisServer
) -> None:
    env = {
        "GATEWAY_DATABASE_URL": sqlite_url,
        "GATEWAY_RATE_LIMIT": "3/minute",
        "GATEWAY_RATE_LIMIT_STORAGE": redis.url,
    }
    key = {"x-api-key": await make_key(read_settings(database_url=sqlite_url))}
    async with AsyncExitStack() as stack:
        replicas = [
            await stack.enter_async_context(running_gateway(env=env)) for _ in range(2)
        ]
        found = [(await asked(replicas[n % 2], key)).status_code for n in range(5)]
        await redis.kill()
        after = [(await asked(replicas[n % 2], key)).json() for n in range(6)]
        logs = [(await each.stop()).stderr for each in replicas]
    assert found == [200, 200, 200, 429, 429]
    assert [each["data"]["viewer"]["rateLimit"] for each in after] == [None] * 6
    assert [each.count("GATEWAY_RATE_LIMIT_STORAGE fails") for each in logs] == [1, 1]
    assert not any("s3cr3t" in each or "Traceback" in each for each in logs)
