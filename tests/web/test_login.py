"""The page of the login over HTTP; a browser takes it in `tests/features`."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gateway.auth.discovery import ProviderMetadata
from gateway.auth.key_sets import KeySet
from gateway.auth.provider import Published
from gateway.errors import OverloadedError
from gateway.settings import Settings, read_settings
from gateway.store.database import open_database
from gateway.web.graphiql import GraphiqlDefaults, render_graphiql
from gateway.web.login import login_routes, offers_login
from gateway.web.resources import Publishes, RequestState, Resources
from tests.web.fakes import FakeAuthenticator, FakeOperations, nothing

ISSUER = "https://id.example.com"
SECRET = "s3cr3t-" * 5
METADATA = ProviderMetadata(
    issuer=ISSUER,
    jwks_uri=f"{ISSUER}/keys",
    authorization_endpoint=f"{ISSUER}/auth",
    token_endpoint="https://tokens.example.com/token?a=b",  # noqa: S106 -- an address
)


@dataclass(kw_only=True)
class FakeProvider:
    """Publishes what a test wants; nothing until then."""

    metadata: ProviderMetadata | None = METADATA

    async def read(self) -> Published:
        if self.metadata is None:
            raise OverloadedError("the identity provider does not answer; try again")
        return Published(metadata=self.metadata, keys=KeySet())


def to_settings(**changes: Any) -> Settings:  # noqa: ANN401 -- any setting
    values = {"jwt_issuer": ISSUER, "login_client_id": 'a"b', **changes}
    return read_settings(**values)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "login.html").write_text('<meta name="login" content="{{login}}">')
    return tmp_path


def to_client(
    folder: Path, provider: Publishes | None, settings: Settings | None = None
) -> TestClient:
    resources = Resources(
        authenticator=FakeAuthenticator(),
        operations=FakeOperations(),
        database=open_database(Settings()),
        check_ready=nothing,
        provider=provider,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[RequestState]:
        yield {"resources": resources}

    routes = login_routes(settings or to_settings(), folder=folder)
    return TestClient(Starlette(routes=routes, lifespan=lifespan))


def test_the_page_knows_where_and_as_whom_to_log_in(folder: Path) -> None:
    settings = to_settings(login_scopes="openid jobs:read", login_resource="urn:jobs")
    with to_client(folder, FakeProvider(), settings) as client:
        page = client.get("/graphql/login").text
    content = page.partition('content="')[2].partition('">')[0]
    assert json.loads(unescape(content)) == {
        "issuer": ISSUER,
        "authorizationEndpoint": f"{ISSUER}/auth",
        "tokenEndpoint": "https://tokens.example.com/token?a=b",
        "clientId": 'a"b',
        "scope": "openid jobs:read",
        "resource": "urn:jobs",
    }


def test_the_page_may_talk_to_the_token_endpoint_and_nobody_else(folder: Path) -> None:
    with to_client(folder, FakeProvider()) as client:
        answer = client.get("/graphql/login?code=a&state=b")
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "connect-src https://tokens.example.com"} < {*policy}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("provider", "status"),
    [
        (None, 404),
        (FakeProvider(metadata=None), 503),
        (FakeProvider(metadata=replace(METADATA, token_endpoint=None)), 404),
    ],
    ids=["none", "down", "services"],
)
def test_without_a_provider_that_answers_there_is_no_login(
    folder: Path, provider: FakeProvider | None, status: int
) -> None:
    with to_client(folder, provider) as client:
        assert client.get("/graphql/login").status_code == status


@pytest.mark.parametrize(
    ("changes", "is_offered"),
    [
        ({}, True),
        ({"login_client_id": None}, False),
        ({"jwt_issuer": None}, False),
        ({"jwt_secret": SECRET}, False),
    ],
    ids=str,
)
def test_a_login_is_offered_where_a_client_of_a_provider_is_set(
    folder: Path, changes: dict[str, Any], *, is_offered: bool
) -> None:
    settings = to_settings(**changes)
    assert offers_login(settings) is is_offered
    assert bool(login_routes(settings, folder=folder)) is is_offered


def test_a_package_without_the_build_has_no_login(tmp_path: Path) -> None:
    assert login_routes(to_settings(), folder=tmp_path) == []


def test_graphiql_learns_whether_to_offer_a_login(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<meta content="{{graphiql-defaults}}">')
    page = render_graphiql(GraphiqlDefaults(login=True), folder=tmp_path)
    content = page.partition('content="')[2].partition('">')[0]
    assert json.loads(unescape(content))["login"] is True
