"""What an upstream may answer, and what the client makes of it."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import BusyUpstreamError, SettingsError, UpstreamError
from gateway.records import JsonValue
from gateway.upstreams.client import Backoff, opened_client, to_tls
from gateway.upstreams.kinds import UpstreamRequest
from gateway.upstreams.modzy import Modzy
from tests.auth.sites import to_self_signed
from tests.upstreams.making import SECRET, to_settings, to_upstream
from tests.upstreams.sites import Asked, Reply, Site, serving, to_json, to_reply


def same(value: JsonValue) -> JsonValue:
    return value


async def ask(
    site: Site,
    path: str = "/a",
    *,
    may_miss: bool = False,
    **changes: Any,  # noqa: ANN401 -- of any key
) -> JsonValue:
    """Ask a site for what is at a path."""
    upstream = to_upstream(base_url=site.address, **changes)
    request = UpstreamRequest(path=path, may_miss=may_miss)
    async with opened_client(upstream, Modzy(upstream.settings)) as client:
        return await client.fetch(request, same)


def always(reply: Reply) -> Callable[[Asked], Reply]:
    """Answer whatever is asked with the same."""
    return lambda _: reply


def in_turn(*replies: Reply) -> Callable[[Asked], Reply]:
    """Answer one after the other, the last one ever after."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


async def test_the_credential_goes_along() -> None:
    async with serving(always(to_json([1]))) as site:
        assert await ask(site) == [1]
    assert site.asked[0].headers["authorization"] == f"ApiKey {SECRET}"


PASSING: dict[str, Reply] = {
    "too many": to_json({}, status="429 Too Many", headers="retry-after: 0\r\n"),
    "an error": to_reply(b"<h1>Oops</h1>", status="500 Oops"),
    "nothing": None,
    "less than it says": to_reply(b'{"a": ', length=900),
    "cut off": to_reply(b'[{"a": 1}, {"b"'),
    "no JSON": to_reply(b"<html>"),
}


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING)
async def test_what_passes_is_asked_again(reply: Reply) -> None:
    async with serving(in_turn(reply, to_json([1]))) as site:
        assert await ask(site) == [1]
    assert len(site.asked) == 2


def test_an_upstream_that_says_how_long_to_wait_is_left_alone_for_so_long() -> None:
    backoff = Backoff("modzy")
    assert backoff(BusyUpstreamError("it answers 429", retry_after_s=7.5)) == 7.5
    assert backoff(BusyUpstreamError("it answers 500")) is True


def test_an_upstream_is_asked_only_so_often() -> None:
    backoff = Backoff("modzy")
    error = BusyUpstreamError("it answers 500", attempts=3)
    assert [backoff(error) for _ in range(3)] == [True, True, False]


async def test_a_refused_credential_is_not_asked_again() -> None:
    async with serving(always(to_json({}, status="401 No"))) as site:
        with pytest.raises(UpstreamError, match="GET /a: it refuses the credential"):
            await ask(site)
    assert len(site.asked) == 1


@pytest.mark.parametrize("may_miss", [True, False])
async def test_what_is_not_there_is_an_answer_where_it_may_be(
    *, may_miss: bool
) -> None:
    async with serving(always(to_json({}, status="404 No"))) as site:
        if may_miss:
            assert await ask(site, may_miss=True) is None
            return
        with pytest.raises(UpstreamError, match="it answers 404"):
            await ask(site)


async def test_a_redirect_on_the_same_origin_is_followed() -> None:
    moved = to_reply(status="302 Found", headers="location: /b\r\n")
    async with serving(
        lambda asked: moved if asked.path == "/a" else to_json([1])
    ) as site:
        assert await ask(site) == [1]
    assert site.paths == ["/a", "/b"]


async def test_a_redirect_to_another_origin_is_not_followed() -> None:
    async with serving(always(to_json([1]))) as other:
        headers = f"location: {other.address}/b\r\n"
        moved = to_reply(status="307 Elsewhere", headers=headers)
        async with serving(always(moved)) as site:
            with pytest.raises(UpstreamError, match="redirects to another host"):
                await ask(site)
    assert other.asked == []


async def test_a_redirect_in_a_circle_ends() -> None:
    moved = to_reply(status="302 Found", headers="location: /a\r\n")
    async with serving(always(moved)) as site:
        with pytest.raises(UpstreamError, match="redirects more than 3 times"):
            await ask(site)


LONG: dict[str, bytes] = {
    "it says so": to_reply(b"[]", length=5_000),
    "plain": to_reply(b" " * 5_000),
    "unpacked": to_reply(
        gzip.compress(b" " * 5_000), headers="content-encoding: gzip\r\n"
    ),
}


@pytest.mark.parametrize("reply", LONG.values(), ids=LONG)
async def test_an_answer_is_bounded(reply: bytes) -> None:
    async with serving(always(reply)) as site:
        with pytest.raises(UpstreamError, match="has more than 1000 bytes"):
            await ask(site, max_body_bytes=1_000)
    assert len(site.asked) == 1


async def test_a_packed_answer_is_read() -> None:
    packed = to_reply(gzip.compress(b"[1]"), headers="content-encoding: gzip\r\n")
    async with serving(always(packed)) as site:
        assert await ask(site) == [1]


async def test_an_answer_packed_otherwise_is_refused() -> None:
    packed = to_reply(b"[1]", headers="content-encoding: br\r\n")
    async with serving(always(packed)) as site:
        with pytest.raises(UpstreamError, match="packed in a way"):
            await ask(site)


async def test_a_credential_in_an_answer_is_taken_out_of_it() -> None:
    async with serving(always(to_json({"a": f"key {SECRET}"}))) as site:
        assert await ask(site) == {"a": "key prefix.***"}


async def test_an_authority_of_ones_own_is_trusted_if_it_is_named(
    tmp_path: Path,
) -> None:
    tls = to_self_signed(tmp_path)
    async with serving(always(to_json([1])), tls=tls) as site:
        ca_file = tmp_path / "server.pem"
        assert await ask(site, ca_file=ca_file) == [1]
        with pytest.raises(UpstreamError, match="its certificate does not hold"):
            await ask(site)


def test_a_file_of_authorities_that_is_missing_is_named() -> None:
    with pytest.raises(SettingsError, match="ca_file /none cannot be read"):
        to_tls(to_settings(ca_file="/none"))
