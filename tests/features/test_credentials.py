"""Who does not belong gets nowhere, on no route, and leaves no secret in the log."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.auth.issuing import KeyRequest, issue_key, revoke_key
from gateway.settings import Settings, read_settings
from gateway.store.database import open_database
from gateway.web.rest.dialects import DIALECTS
from tests.auth.signing import make_key_pair
from tests.features.bad_credentials import (
    AUDIENCE,
    ISSUER,
    Attempt,
    Keys,
    make_attempts,
    to_good_token,
)
from tests.features.clients import open_client, to_body

QUERY = "{ jobs { nodes { jobIdentifier } } }"
HTML = {"accept": "text/html"}
# Each with the status, and the code where the answer is an error of GraphQL's.
ROUTES: Mapping[str, tuple[str, str, int, str | None]] = {
    "GraphQL by POST": ("POST", "/graphql", 401, "UNAUTHENTICATED"),
    "GraphQL by GET": ("GET", "/graphql", 401, "UNAUTHENTICATED"),
    "ingest": ("POST", "/ingest/ndjson", 401, "UNAUTHENTICATED"),
    "GraphiQL": ("GET", "/graphql#page", 200, None),
    "health": ("GET", "/healthz", 200, None),
    "readiness": ("GET", "/readyz", 200, None),
    "metadata": ("GET", "/.well-known/oauth-protected-resource", 200, None),
    "OpenAPI": ("GET", "/openapi.json", 200, None),
    **{
        route.path: ("GET", route.path, 401, None)
        for dialect in DIALECTS
        for route in dialect.routes
    },
    "nowhere": ("GET", "/nowhere", 404, "NOT_FOUND"),
}
PAIR = make_key_pair("RS256")
# Only their names count here: the fixture makes them of keys that the gateway has.
NAMES = tuple(make_attempts(Keys(pair=PAIR, good="a.b", revoked="c.d", expired="e.f")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A gateway, credentials that hold, and attempts."""

    client: TestClient
    keys: Keys
    attempts: Mapping[str, Attempt]


@pytest.fixture(scope="module")
def served(
    shared_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("keys") / "public.pem"
    settings = to_settings(shared_url, path)
    keys = asyncio.run(make_keys(settings))
    with open_client(settings) as client:
        yield Served(client=client, keys=keys, attempts=make_attempts(keys))


def to_settings(url: str, path: Path) -> Settings:
    """Set a gateway that checks tokens with a public key."""
    path.write_bytes(PAIR.public)
    return read_settings(
        database_url=url,
        jwt_public_key=path,
        jwt_issuer=ISSUER,
        jwt_audience=AUDIENCE,
        failed_login_limit="off",
    )


async def make_keys(settings: Settings) -> Keys:
    """Make a key that holds, one that is revoked, and one that has expired."""
    database = open_database(settings)
    now = datetime.now(UTC)
    texts = []
    for expires_at in (None, None, now - timedelta(days=1)):
        request = KeyRequest(
            account="acme", scopes=["jobs:read"], expires_at=expires_at
        )
        texts.append((await issue_key(database, request)).text)
    good, revoked, expired = texts
    await revoke_key(database, revoked)
    await database.close()
    return Keys(pair=PAIR, good=good, revoked=revoked, expired=expired)


def send(client: TestClient, method: str, path: str, attempt: Attempt) -> Any:  # noqa: ANN401 -- an HTTP answer
    """Send an attempt to a route."""
    headers = [
        (name.encode(), value.encode("latin-1")) for name, value in attempt.headers
    ]
    path, _, is_page = path.partition("#")
    url = f"{path}?{attempt.query}"
    if method == "POST":
        return client.post(url, json=to_body(QUERY), headers=headers)
    if is_page:
        return client.get(url, headers=[*headers, (b"accept", b"text/html")])
    return client.get(f"{url}&query={QUERY}", headers=headers)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All that is logged, and not what the client of the test says of itself."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    return caplog


def test_there_are_enough_of_them() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_credential_gets_nowhere(
    served: Served, log: pytest.LogCaptureFixture, name: str
) -> None:
    attempt = served.attempts[name]
    answers = {
        route: send(served.client, method, path, attempt)
        for route, (method, path, _, _) in ROUTES.items()
    }
    assert {route: to_outcome(each) for route, each in answers.items()} == {
        route: (status, code) for route, (_, _, status, code) in ROUTES.items()
    }
    told = [f"{each.text}{each.headers}" for each in answers.values()]
    logged = [str(vars(each)) for each in log.records]
    assert not [s for s in attempt.secrets for text in told + logged if s in text]
    assert not [each for each in log.records if each.exc_info or each.levelno > 20]


def to_outcome(answer: Any) -> tuple[int, str | None]:  # noqa: ANN401 -- as above
    """Give status and code; a page is none."""
    if answer.headers["content-type"].startswith("text/html"):
        return answer.status_code, None
    errors = answer.json().get("errors")
    return answer.status_code, errors[0]["extensions"]["code"] if errors else None


@pytest.mark.parametrize("route", ["GraphQL by POST", "GraphQL by GET"])
@pytest.mark.parametrize("kind", ["key", "token", "cookie"])
def test_what_they_were_made_of_holds(served: Served, route: str, kind: str) -> None:
    token = to_good_token(served.keys)
    headers = {
        "key": [("x-api-key", served.keys.good)],
        "token": [("authorization", f"Bearer {token}")],
        "cookie": [("cookie", f"jwt={token}"), ("apollo-require-preflight", "1")],
    }
    method, path, _, _ = ROUTES[route]
    answer = send(served.client, method, path, Attempt(headers=headers[kind]))
    assert answer.json() == {"data": {"jobs": {"nodes": []}}}


@pytest.mark.parametrize("name", NAMES)
def test_each_refusal_is_a_line_of_the_audit(
    served: Served, log: pytest.LogCaptureFixture, name: str
) -> None:
    answer = send(served.client, "POST", "/graphql", served.attempts[name])
    lines = [vars(each) for each in log.records if each.name == "gateway.audit"]
    message = answer.json()["errors"][0]["message"]
    is_missing = message.startswith("no credential")
    assert [(each["event"], each["reason"]) for each in lines] == (
        [] if is_missing else [("credential_refused", message)]
    )
