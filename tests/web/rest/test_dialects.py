"""Whatever is refused below a prefix is refused as its system would."""

import json

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from gateway.errors import GatewayError, NotFoundError, OverloadedError
from gateway.settings import Settings
from gateway.web.middleware import RequestFrame
from gateway.web.rest.dialects import to_refusal

PATHS = {
    "/v1": "success",
    "/v1/x": "success",
    "/v10": "errors",
    "/api": "statusCode",
    "/api/": "statusCode",
    "/api/v1": "detail",
    "/api/v1/x": "detail",
    "/api/v1x": "statusCode",
    "/graphql": "errors",
    "/": "errors",
}


@pytest.mark.parametrize(("path", "member"), PATHS.items())
@pytest.mark.parametrize("error", [NotFoundError("no"), OverloadedError("busy")])
def test_a_path_is_refused_in_the_manner_of_its_prefix(
    path: str, member: str, error: GatewayError
) -> None:
    reply = to_refusal(path, error)
    assert reply.status == error.status
    assert member in json.loads(reply.body)


def test_one_who_may_try_again_is_told_when() -> None:
    reply = to_refusal("/v1/x", OverloadedError("busy"))
    assert reply.headers == ((b"retry-after", b"1"),)


async def fail(_: Scope, __: Receive, ___: Send) -> None:
    raise RuntimeError("password=hunter2")


@pytest.mark.parametrize(("path", "member"), PATHS.items())
def test_what_nobody_expected_is_told_in_the_same_manner(
    path: str, member: str
) -> None:
    client = TestClient(RequestFrame(fail, refuse=to_refusal, settings=Settings()))
    answer = client.get(path)
    assert answer.status_code == 500
    assert member in answer.json()
    assert "hunter2" not in answer.text
