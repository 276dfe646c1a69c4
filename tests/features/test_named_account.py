"""Administrators name an account for a request; others are refused."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.settings import Settings, read_settings
from gateway.store.database import open_database
from tests.factories import make_job, put
from tests.features.clients import open_client, to_body

JOBS = "{ viewer { accountIdentifier } jobs { nodes { jobIdentifier } } }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A gateway with a job in each of two accounts, and keys of one of them."""

    client: TestClient
    keys: dict[str, str]

    def ask(self, scope: str, **headers: str) -> Any:  # noqa: ANN401 -- an HTTP answer
        """Ask with the key of a scope."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            "/graphql",
            json=to_body(JOBS),
            headers={"x-api-key": self.keys[scope], **named},
        )


@pytest.fixture(scope="module")
def served(shared_url: str) -> Iterator[Served]:
    settings = read_settings(database_url=shared_url)
    keys = asyncio.run(fill(settings))
    with open_client(settings) as client:
        yield Served(client=client, keys=keys)


async def fill(settings: Settings) -> dict[str, str]:
    """Write the jobs, and make the keys."""
    database = open_database(settings)
    keys = {}
    for account in ("acme", "globex"):
        await put(database, account, make_job(job_identifier=f"of {account}"))
    for scope in ("admin", "jobs:read"):
        request = KeyRequest(account="acme", scopes=[scope])
        keys[scope] = (await issue_key(database, request)).text
    await database.close()
    return keys


@pytest.mark.parametrize("account", ["acme", "globex"])
def test_an_administrator_sees_the_jobs_of_the_named_account(
    served: Served, account: str
) -> None:
    assert served.ask("admin", x_account=account).json()["data"] == {
        "viewer": {"accountIdentifier": account},
        "jobs": {"nodes": [{"jobIdentifier": f"of {account}"}]},
    }


def test_an_account_that_does_not_exist_is_an_empty_one(served: Served) -> None:
    data = served.ask("admin", x_account="nobody").json()["data"]
    assert data["jobs"] == {"nodes": []}


def test_without_the_header_an_administrator_sees_their_own(served: Served) -> None:
    data = served.ask("admin").json()["data"]
    assert data["viewer"] == {"accountIdentifier": "acme"}


@pytest.mark.parametrize("account", ["acme", "globex", "", "nobody"])
def test_others_are_refused_whatever_they_name(served: Served, account: str) -> None:
    answer = served.ask("jobs:read", x_account=account)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (403, "FORBIDDEN")
    assert 'scope="admin"' in answer.headers["www-authenticate"]
