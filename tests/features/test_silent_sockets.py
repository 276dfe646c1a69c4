"""Sockets on which nothing is sent, in any number, keep nobody out."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import httpx2

from tests.features.gateways import running_gateway

DESCRIPTORS, SOCKETS = 256, 300


@contextmanager
def few_descriptors() -> Iterator[None]:
    """Let processes that are started within the block have few."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_more_silent_sockets_than_descriptors_lock_nobody_out(
    sqlite_url: str,
) -> None:
    env = {"GATEWAY_DATABASE_URL": sqlite_url}
    async with AsyncExitStack() as stack:
        with few_descriptors():
            gateway = await stack.enter_async_context(running_gateway(env=env))
        url = httpx2.URL(gateway.address)
        for _ in range(SOCKETS):
            _reader, writer = await asyncio.open_connection(url.host, url.port)
            stack.callback(writer.close)
        async with httpx2.AsyncClient(base_url=gateway.address, timeout=15) as client:
            answers = [await client.get("/readyz") for _ in range(3)]
        ended = await gateway.stop()
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert "Traceback" not in ended.stderr
