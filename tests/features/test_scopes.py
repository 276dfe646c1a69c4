"""What a credential needs for guarded fields, however they are asked for."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import get_introspection_query
from starlette.testclient import TestClient

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.records import UserRecord
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from tests.factories import make_job, put
from tests.features.clients import open_client, to_body

NAMED = "{ users { nodes { identifier firstName lastName } } }"
WINDOW = 'startDate: "2026-01-01T00:00:00Z", endDate: "2026-02-01T00:00:00Z"'
SCOPES = ("jobs:read", "usage:read", "profile", "email", "jobs:write", "admin")
# What fields are guarded by.
GUARDS = SCOPES[:5]
GUARDED = {
    "names": (NAMED, "User.firstName", "profile"),
    "an alias": ("{ users { nodes { x: lastName } } }", "User.lastName", "profile"),
    "a fragment": (
        "{ jobs { nodes { user { ...F } } } } fragment F on User { email }",
        "User.email",
        "email",
    ),
    "an inline fragment": (
        '{ node(id: "x") { ... on User { email } } }',
        "User.email",
        "email",
    ),
    "a field that is skipped": (
        "{ users { nodes { identifier email @skip(if: true) } } }",
        "User.email",
        "email",
    ),
    "a fragment in a fragment, under an alias": (
        (
            "{ jobs { nodes { u: user { ...F } } } }"
            " fragment F on User { ...G } fragment G on User { e: email }"
        ),
        "User.email",
        "email",
    ),
    "a fragment that is not included": (
        (
            "query($no: Boolean = false)"
            " { users { nodes { ...F @include(if: $no) } } }"
            " fragment F on User { email }"
        ),
        "User.email",
        "email",
    ),
    "usage": (
        f"{{ usageSummary({WINDOW}) {{ asOf }} }}",
        "Query.usageSummary",
        "usage:read",
    ),
    "a user of usage": (
        f"{{ usageSummary({WINDOW}) {{ summary {{ user {{ email }} }} }} }}",
        "User.email",
        "email",
    ),
    "jobs": ("{ jobs { totalCount } }", "Query.jobs", "jobs:read"),
    "a job": ('{ job(jobIdentifier: "x") { id } }', "Query.job", "jobs:read"),
    "a node": ('{ node(id: "x") { id } }', "Query.node", "jobs:read"),
    "nodes": ('{ nodes(ids: ["x"]) { id } }', "Query.nodes", "jobs:read"),
    "models": ("{ models { totalCount } }", "Query.models", "jobs:read"),
    "a model": ('{ model(identifier: "x") { id } }', "Query.model", "jobs:read"),
    "users": ("{ users { totalCount } }", "Query.users", "jobs:read"),
    "a user": ('{ user(identifier: "x") { id } }', "Query.user", "jobs:read"),
    "recording jobs": (
        "mutation { recordJobs(jobs: []) { recorded } }",
        "Mutation.recordJobs",
        "jobs:write",
    ),
    "a job that is recorded": (
        (
            "mutation { ...F } fragment F on Mutation"
            " { r: recordJobs(jobs: []) { results { j: job { id } } } }"
        ),
        "RecordedJob.job",
        "jobs:read",
    ),
    "a user of a job that is recorded": (
        (
            "mutation { recordJobs(jobs: [])"
            " { results { job @skip(if: true) { user { email } } } } }"
        ),
        "User.email",
        "email",
    ),
}
ADA = UserRecord(identifier="ada", first_name="Ada", last_name="Byron", email="a@b.c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A gateway that serves, and keys for it, by their scopes."""

    client: TestClient
    keys: dict[frozenset[str], str]

    def ask(self, query: str, *scopes: str) -> Any:  # noqa: ANN401 -- an HTTP answer
        """Ask with a key of exactly these scopes."""
        headers = {"x-api-key": self.keys[frozenset(scopes)]}
        return self.client.post("/graphql", json=to_body(query), headers=headers)


@pytest.fixture(scope="module")
def served(shared_url: str) -> Iterator[Served]:
    settings = read_settings(database_url=shared_url)
    keys = asyncio.run(fill(settings))
    with open_client(settings) as client:
        yield Served(client=client, keys=keys)


async def fill(settings: Settings) -> dict[frozenset[str], str]:
    """Write a job with a user, and make keys: all scopes but one, and others."""
    database = open_database(settings)
    await put(database, "acme", make_job(user=ADA))
    wanted = {
        *(frozenset(GUARDS) - {scope} for scope in GUARDS),
        *(frozenset({scope}) for scope in SCOPES),
        frozenset(GUARDS),
    }
    keys = {scopes: await make_key(database, scopes) for scopes in wanted}
    await database.close()
    return keys


async def make_key(database: Database, scopes: frozenset[str]) -> str:
    """Make a key."""
    issued = await issue_key(database, KeyRequest(account="acme", scopes=scopes))
    return issued.text


@pytest.mark.parametrize("case", GUARDED.values(), ids=GUARDED)
def test_a_guarded_field_refuses_the_operation_once_by_field_and_scope(
    served: Served, case: tuple[str, str, str]
) -> None:
    query, field, scope = case
    others = [found for found in GUARDS if found != scope]
    answer = served.ask(query, *others)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (403, "FORBIDDEN")
    has = " ".join(sorted(others))
    assert (
        error["message"] == f"{field} needs the scope {scope}; the credential has {has}"
    )
    assert "data" not in answer.json()
    needed = set(error["extensions"]["requiredScopes"])
    assert scope in needed
    challenge = answer.headers["www-authenticate"]
    assert (
        f'error="insufficient_scope", scope="{" ".join(sorted(needed))}"' in challenge
    )


@pytest.mark.parametrize("case", GUARDED.values(), ids=GUARDED)
def test_with_its_scope_a_guarded_field_is_answered(
    served: Served, case: tuple[str, str, str]
) -> None:
    answer = served.ask(case[0], *GUARDS)
    assert answer.status_code == 200


def test_names_and_address_are_given_to_who_may_see_them(served: Served) -> None:
    query = "{ users { nodes { firstName lastName email } } }"
    (user,) = served.ask(query, *GUARDS).json()["data"]["users"]["nodes"]
    assert user == {"firstName": "Ada", "lastName": "Byron", "email": "a@b.c"}


def test_admin_may_see_everything(served: Served) -> None:
    assert served.ask(NAMED, "admin").status_code == 200


@pytest.mark.parametrize("scope", SCOPES)
def test_any_credential_may_ask_who_it_is_and_introspect(
    served: Served, scope: str
) -> None:
    viewer = served.ask("{ viewer { scopes } }", scope)
    assert viewer.json() == {"data": {"viewer": {"scopes": [scope]}}}
    assert "errors" not in served.ask(get_introspection_query(), scope).json()


def test_an_operation_that_does_not_run_needs_no_scope(served: Served) -> None:
    query = f"query Own {{ viewer {{ subject }} }} query Other {NAMED}"
    body = {"query": query, "operationName": "Own"}
    headers = {"x-api-key": served.keys[frozenset({"jobs:read"})]}
    assert served.client.post("/graphql", json=body, headers=headers).status_code == 200


@pytest.mark.parametrize("is_public", [True, False])
def test_introspection_without_a_credential_is_a_setting(
    shared_url: str, *, is_public: bool
) -> None:
    settings = read_settings(database_url=shared_url, public_introspection=is_public)
    with open_client(settings) as client:
        answer = client.post("/graphql", json=to_body(get_introspection_query()))
        assert answer.status_code == (200 if is_public else 401)
        refused = client.post(
            "/graphql", json=to_body("{ __typename viewer { subject } }")
        )
    assert refused.status_code == 401
