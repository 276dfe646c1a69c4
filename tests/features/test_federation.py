"""The gateway beside other subgraphs, composed by two composers, behind a router."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.query.plan.node_ids import to_job_id, to_user_id
from gateway.records import ModelRecord, UserRecord
from gateway.schema.subgraph import to_subgraph_sdl
from gateway.settings import read_settings
from gateway.store.database import open_database
from tests.auth.signing import SECRET, make_claims, make_token
from tests.databases import copy_sqlite
from tests.factories import make_job, put
from tests.features.asking import to_code
from tests.features.federations import (
    COMPOSERS,
    Addresses,
    compose,
    install_federation,
    running_router,
    running_subgraphs,
    take_asked,
)
from tests.features.gateways import Gateway, running_gateway

ADA = UserRecord(identifier="ada", first_name="Ada", email="ada@example.com")
GRACE = UserRecord(identifier="grace", email="grace@example.com")
SCOPES = "jobs:read usage:read profile email"
INVOICES = """
    {
        invoices {
            number
            total { amount currency }
            job {
                label
                status
                user { email team { name } }
                model { identifier version licence }
            }
        }
    }
"""
# What only the gateway answers.
OWN = {
    "a page": "{ jobs(first: 2) { totalCount pageInfo { hasNextPage endCursor } edges {"
    " cursor node { id createdAt user { identifier email } cost { amount } } } } }",
    "a node": '{ node(id: "WyJqIiwiTU9EWlkiLCIxIl0") { id ... on Job { label } } }',
    "facets": "{ jobs { facets { model { value { id } count } } } }",
    "usage": '{ usageSummary(startDate: "2026-01-01T00:00:00Z",'
    ' endDate: "2026-02-01T00:00:00Z") { totals { lengthMs jobCount } } }',
    "the caller": "{ viewer { accountIdentifier scopes } }",
    "two models": '{ a: model(identifier: "ed", version: "2") { jobs { nodes {'
    ' label } } } b: model(identifier: "none") { id } }',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgraphs:
    """A gateway and the subgraphs beside it.

    Attributes:
        folder: Where they are to be composed.
    """

    folder: Path
    gateway: Gateway
    addresses: Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """A gateway, the subgraphs beside it, and the router before them."""

    gateway: Gateway
    addresses: Addresses
    router: httpx2.AsyncClient

    async def ask(self, query: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """Ask the router."""
        response = await self.router.post("", json={"query": query}, headers=headers)
        answer: dict[str, Any] = response.json()
        return answer

    async def ask_directly(
        self, query: str, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Ask the gateway itself."""
        async with httpx2.AsyncClient(base_url=self.gateway.address) as client:
            response = await client.post(
                "/graphql", json={"query": query}, headers=headers
            )
        answer: dict[str, Any] = response.json()
        return answer


@pytest.fixture(scope="module")
async def subgraphs(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> AsyncIterator[Subgraphs]:
    """A gateway that serves as a subgraph, and the others."""
    url = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("database"))
    await fill(url)
    folder = await install_federation(tmp_path_factory.mktemp("federation"))
    env = {
        "GATEWAY_DATABASE_URL": url,
        "GATEWAY_FEDERATION": "true",
        "GATEWAY_JWT_SECRET": SECRET,
    }
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(running_gateway(env=env))
        data = {**KNOWN, "jobs": f"{gateway.address}/graphql"}
        addresses = await stack.enter_async_context(running_subgraphs(folder, data))
        yield Subgraphs(folder=folder, gateway=gateway, addresses=addresses)


@pytest.fixture(scope="module", params=COMPOSERS)
async def federation(
    request: pytest.FixtureRequest, subgraphs: Subgraphs
) -> AsyncIterator[Federation]:
    """All of them behind a router, composed by one of the composers."""
    await compose(subgraphs.folder, subgraphs.addresses, request.param)
    async with running_router(subgraphs.folder) as router:
        yield Federation(
            gateway=subgraphs.gateway, addresses=subgraphs.addresses, router=router
        )


def to_headers(account: str = "acme", scope: str = SCOPES) -> Mapping[str, str]:
    """Make the credential of somebody who may see an account."""
    token = make_token(make_claims(account=account, scope=scope))
    return {"authorization": f"Bearer {token}"}


async def fill(url: str) -> None:
    """Write the jobs of two accounts, whose names are partly the same."""
    database = open_database(read_settings(database_url=url))
    old, new = (ModelRecord(identifier="ed", version=found) for found in (None, "2"))
    await put(
        database,
        "acme",
        make_job(job_identifier="1", label="acme", user=ADA, model=old),
        make_job(job_identifier="2", label="acme", user=GRACE, model=new),
        make_job(job_identifier="3", label="acme"),
    )
    await put(database, "other", make_job(job_identifier="1", label="other"))
    await put(database, "other", make_job(job_identifier="9", label="other"))
    await database.close()


# What the other subgraphs know: also of a job of another account, and of none.
KNOWN = {
    "invoices": [
        {
            "number": f"invoice-{name}",
            "total": {"amount": f"{name}.50", "currency": "USD"},
            "job": {"source": "MODZY", "jobIdentifier": name},
        }
        for name in ("1", "2", "3", "9", "77")
    ],
    "teams": [
        {
            "name": "Research",
            "members": [{"id": to_user_id("MODZY", "ada")}],
            "favourites": [
                {"id": to_job_id("MODZY", name)} for name in ("3", "9", "3")
            ],
            "models": [
                {"identifier": "ed", "version": found} for found in (None, "2", "3")
            ],
        }
    ],
}


async def test_one_answer_has_the_data_of_all_subgraphs(
    federation: Federation,
) -> None:
    answer = await federation.ask(INVOICES, to_headers())
    assert "errors" not in answer
    first = answer["data"]["invoices"][0]
    assert first == {
        "number": "invoice-1",
        "total": {"amount": "1.50", "currency": "USD"},
        "job": {
            "label": "acme",
            "status": "QUEUED",
            "user": {"email": "ada@example.com", "team": {"name": "Research"}},
            "model": {
                "identifier": "ed",
                "version": None,
                "licence": "licence of ed null",
            },
        },
    }


@pytest.mark.parametrize(
    ("account", "seen"),
    [
        ("acme", ["acme", "acme", "acme", None, None]),
        ("other", ["other", None, None, "other", None]),
        ("nobody", [None] * 5),
    ],
)
async def test_a_caller_sees_of_a_federation_what_it_sees_of_the_gateway(
    federation: Federation, account: str, seen: list[str | None]
) -> None:
    query = "{ invoices { job { label } } }"
    answer = await federation.ask(query, to_headers(account))
    # That of a job which the other subgraph knows, and the caller may not see, is null.
    jobs = [invoice["job"] for invoice in answer["data"]["invoices"]]
    assert jobs == [{"label": label} for label in seen]


async def test_entities_are_fetched_at_once_by_either_key(
    federation: Federation,
) -> None:
    await take_asked(federation.addresses)
    query = "{ invoices { job { label } } teams { favourites { status } } }"
    answer = await federation.ask(query, to_headers())
    (team,) = answer["data"]["teams"]
    assert team["favourites"] == [{"status": "QUEUED"}, None, {"status": "QUEUED"}]
    sent = [
        found["variables"]["representations"]
        for found in await take_asked(federation.addresses)
    ]
    # One of them twice.
    assert sorted(map(len, sent)) == [3, 5]
    assert {tuple(item) for items in sent for item in items} == {
        ("__typename", "id"),
        ("__typename", "source", "jobIdentifier"),
    }


async def test_a_key_may_be_null_in_part(federation: Federation) -> None:
    query = "{ teams { models { version jobs { totalCount } } } }"
    answer = await federation.ask(query, to_headers())
    # Nothing ran the last one.
    assert answer["data"]["teams"][0]["models"] == [
        {"version": None, "jobs": {"totalCount": 1}},
        {"version": "2", "jobs": {"totalCount": 1}},
        None,
    ]


async def test_the_gateway_s_own_jobs_are_extended(federation: Federation) -> None:
    query = "{ jobs(first: 2) { nodes { jobIdentifier invoice { number } } } }"
    answer = await federation.ask(query, to_headers())
    assert answer["data"]["jobs"]["nodes"] == [
        {"jobIdentifier": "3", "invoice": {"number": "invoice-3"}},
        {"jobIdentifier": "2", "invoice": {"number": "invoice-2"}},
    ]


@pytest.mark.parametrize("query", OWN.values(), ids=OWN)
async def test_a_router_answers_as_the_gateway_does(
    federation: Federation, query: str
) -> None:
    answer = await federation.ask(query, to_headers())
    assert answer["data"]
    assert answer == await federation.ask_directly(query, to_headers())


async def test_a_router_hands_on_what_was_wrong(federation: Federation) -> None:
    answer = await federation.ask("{ jobs(first: 1000) { totalCount } }", to_headers())
    (error,) = answer["errors"]
    assert error["message"] == "first is 1000; give a number from 0 to 100"
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "UNAUTHENTICATED"),
        ({"x-api-key": "nobody.secret"}, "UNAUTHENTICATED"),
        (to_headers(scope="usage:read"), "FORBIDDEN"),
        (to_headers(scope="jobs:read"), "FORBIDDEN"),
    ],
    ids=["none", "unknown", "another scope", "none for addresses"],
)
async def test_without_the_right_credential_only_the_others_data_come(
    federation: Federation, headers: Mapping[str, str], code: str
) -> None:
    query = "{ invoices { number job { status user { email } } } }"
    answer = await federation.ask(query, headers)
    assert to_code(answer) == code
    assert answer["data"]["invoices"][0] == {"number": "invoice-1", "job": None}


async def test_the_subgraph_that_is_served_is_the_one_that_is_printed(
    federation: Federation,
) -> None:
    answer = await federation.ask_directly("{ _service { sdl } }", to_headers())
    assert answer["data"]["_service"]["sdl"] == to_subgraph_sdl()
