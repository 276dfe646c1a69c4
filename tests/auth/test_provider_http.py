import gzip
from pathlib import Path

import pytest

from gateway.auth.provider_http import MAX_DOCUMENT_BYTES, fetch_document
from gateway.errors import UpstreamError
from tests.auth.sites import serving, to_answer, to_self_signed


def to_redirect(target: str) -> bytes:
    return to_answer(status="302 Found", headers=f"location: {target}\r\n")


async def test_a_document_is_fetched() -> None:
    async with serving({"/a": to_answer(b'{"a": [1]}')}) as address:
        assert await fetch_document(f"{address}/a") == {"a": [1]}


async def test_a_redirect_on_the_same_host_is_followed() -> None:
    answers = {"/a": to_redirect("/b"), "/b": to_answer(b'{"b": 1}')}
    async with serving(answers) as address:
        assert await fetch_document(f"{address}/a") == {"b": 1}


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/b",
        "http://localhost/b",
        "https://evil.example/b",
        "//evil.example/b",
        "file:///etc/passwd",
    ],
)
async def test_a_redirect_to_another_host_is_refused(target: str) -> None:
    async with serving({"/a": to_redirect(target)}) as address:
        with pytest.raises(UpstreamError, match="redirects to another host"):
            await fetch_document(f"{address}/a")


async def test_a_redirect_in_a_circle_ends() -> None:
    async with serving({"/a": to_redirect("/a")}) as address:
        with pytest.raises(UpstreamError, match="redirects more than 3 times"):
            await fetch_document(f"{address}/a")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (to_answer(b"<html>"), "is no JSON: "),
        (to_answer(b"[]"), "is no JSON object"),
        (to_answer(b"[" * 100_000), "is no JSON: "),
        (to_answer(status="500 Oh No"), "answers 500"),
        (to_answer(status="204 No Content"), "answers 204"),
        (
            to_answer(gzip.compress(b"{}"), headers="content-encoding: gzip\r\n"),
            "encoded as 'gzip'",
        ),
        (to_answer(b" " * (MAX_DOCUMENT_BYTES + 1)), "is longer than 524288 bytes"),
        (b"\x00\x01 no HTTP\r\n\r\n", "cannot be read: "),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", "cannot be read: "),
    ],
    ids=["html", "list", "deep", "500", "204", "gzip", "long", "noise", "cut"],
)
async def test_what_is_no_document_is_refused(answer: bytes, message: str) -> None:
    async with serving({"/a": answer}) as address:
        with pytest.raises(UpstreamError, match=message):
            await fetch_document(f"{address}/a")


async def test_nobody_is_waited_for_without_end() -> None:
    async with serving({}) as address:
        with pytest.raises(UpstreamError, match="cannot be read: "):
            await fetch_document(f"{address}/a", timeout_s=0.05)


async def test_a_port_where_nobody_listens_is_named(free_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{free_tcp_port}/a"
    with pytest.raises(UpstreamError, match=f"{url} cannot be read: "):
        await fetch_document(url)


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    tls = to_self_signed(tmp_path)
    async with serving({"/a": to_answer(b"{}")}, tls=tls) as address:
        with pytest.raises(UpstreamError, match="CERTIFICATE_VERIFY_FAILED"):
            await fetch_document(f"{address}/a")
