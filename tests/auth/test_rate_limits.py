"""Rates counted in memory, in a real Redis, and in one that is away."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.auth.principal import CredentialKind, Principal
from gateway.auth.rate_limits import RateLimiter, to_client_id
from tests.redis_servers import RedisServer, running_redis

ADA = Principal(
    account="acme", subject="ada", kind=CredentialKind.JWT, scopes=frozenset()
)


@pytest.fixture
async def redis(
    tmp_path: Path,
    anyio_backend: str,  # noqa: ARG001 -- runs it
) -> AsyncIterator[RedisServer]:
    async with running_redis(tmp_path) as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
async def limiter(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    anyio_backend: str,  # noqa: ARG001 -- as above
) -> AsyncIterator[RateLimiter]:
    """A limiter of three requests a minute, in memory and in Redis."""
    async with AsyncExitStack() as stack:
        server = None
        if request.param == "redis":
            server = await stack.enter_async_context(running_redis(tmp_path))
        made = to_limiter(server, "3/minute")
        stack.push_async_callback(made.close)
        yield made


@asynccontextmanager
async def open_silent() -> AsyncIterator[RateLimiter]:
    """Give a limiter whose server takes connections, and never answers."""
    writers: list[asyncio.StreamWriter] = []

    async def keep(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    limiter = RateLimiter("1/minute", name="requests", storage_url=SecretStr(url))
    yield limiter
    await limiter.close()
    server.close()
    for writer in writers:
        writer.close()


def to_limiter(server: RedisServer | None, rate: str) -> RateLimiter:
    url = SecretStr(server.url) if server else None
    return RateLimiter(rate, name="requests", storage_url=url)


async def count(limiter: RateLimiter, times: int, who: str = "ada") -> list[int]:
    """Count requests, and give what was left after each."""
    found = [await limiter.count(who) for _ in range(times)]
    return [each.remaining for each in found if each is not None]


async def test_requests_are_counted_down_and_then_refused(limiter: RateLimiter) -> None:
    assert await count(limiter, 3) == [2, 1, 0]
    last = await limiter.count("ada")
    assert last is not None
    assert (last.is_exceeded, last.remaining, last.limit) == (True, 0, 3)
    assert 0 < last.reset_in_s <= 61
    assert 0 < last.retry_after_ms <= 61_000


async def test_the_last_request_of_a_rate_is_answered(limiter: RateLimiter) -> None:
    await count(limiter, 2)
    last = await limiter.count("ada")
    assert last is not None
    assert not last.is_exceeded


async def test_each_has_a_rate_of_their_own(limiter: RateLimiter) -> None:
    await count(limiter, 3)
    assert await count(limiter, 1, "bob") == [2]


async def test_whoever_waits_as_told_is_answered(redis: RedisServer) -> None:
    limiter = to_limiter(redis, "1/second")
    first, second = await limiter.count("ada"), await limiter.count("ada")
    assert first is not None
    assert second is not None
    assert second.is_exceeded
    await asyncio.sleep(second.retry_after_ms / 1000)
    third = await limiter.count("ada")
    await limiter.close()
    assert third is not None
    assert not third.is_exceeded


async def test_replicas_count_together_in_redis(redis: RedisServer) -> None:
    replicas = [to_limiter(redis, "3/minute") for _ in range(3)]
    assert [await count(each, 1) for each in replicas] == [[2], [1], [0]]
    for each in replicas:
        await each.close()


async def test_rates_of_other_names_are_counted_apart_in_redis(
    redis: RedisServer,
) -> None:
    limiters = [
        RateLimiter("3/minute", name=name, storage_url=SecretStr(redis.url))
        for name in ("requests", "failed-logins")
    ]
    assert [await count(each, 1) for each in limiters] == [[2], [2]]
    for each in limiters:
        await each.close()


async def test_a_redis_that_is_killed_lets_requests_pass_and_is_logged_once(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = to_limiter(redis, "1/minute")
    await count(limiter, 2)
    await redis.kill()
    for _ in range(3):
        assert await limiter.count("ada") is None
        # As if the pause were over.
        limiter.paused_until_s = 0
    await limiter.close()
    (line,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert "GATEWAY_RATE_LIMIT_STORAGE" in line.getMessage()
    assert "s3cr3t" not in str(vars(line))


async def test_a_storage_that_failed_is_left_alone_for_a_moment(
    redis: RedisServer,
) -> None:
    limiter = to_limiter(redis, "1/minute")
    await redis.kill()
    assert await limiter.count("ada") is None
    await redis.start()
    assert await limiter.count("ada") is None
    left: list[int] = []
    # A busy machine may take longer to answer than the limiter waits.
    for _ in range(20):
        limiter.paused_until_s = 0
        left = left or await count(limiter, 1)
    assert left == [0]
    await limiter.close()


async def test_a_storage_that_hangs_holds_nobody_up() -> None:
    async with open_silent() as limiter, asyncio.timeout(20):
        assert await limiter.count("ada") is None


async def test_a_request_that_ends_while_it_is_counted_is_cancelled() -> None:
    async with open_silent() as limiter:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await limiter.count("ada")


@pytest.mark.parametrize(
    "other",
    [
        replace(ADA, account="globex"),
        replace(ADA, subject="bob"),
        replace(ADA, kind=CredentialKind.API_KEY),
        replace(ADA, account="ac", subject="meada"),
    ],
)
def test_others_are_counted_as_others(other: Principal) -> None:
    assert to_client_id(other) != to_client_id(ADA)


def test_all_tokens_of_a_person_are_counted_together() -> None:
    other = replace(ADA, scopes=frozenset({"jobs:read"}), project_id=7)
    assert to_client_id(other) == to_client_id(ADA)


def test_an_administrator_has_one_rate_in_all_accounts() -> None:
    named = replace(ADA, account="globex", own_account="acme")
    assert to_client_id(named) == to_client_id(ADA)


def test_what_is_stored_does_not_name_a_person() -> None:
    assert "ada" not in to_client_id(ADA)
