"""What the client of sharedcloud asks of jobs, and is told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.dialects.residue import JsonObject
from gateway.settings import read_settings
from gateway.web.rest.sharedcloud.answers import JOBS_AT_ONCE
from tests.features.rest import RestGateway, open_rest

MANY = 2 * JOBS_AT_ONCE
FIRST = datetime(2018, 10, 5, tzinfo=UTC)


def make_document(number: int) -> JsonObject:
    """Make a job; each third is of the same second as those beside it."""
    created_at = FIRST + timedelta(seconds=number // 3)
    return {
        "uuid": f"job-{number}",
        "created_at": f"{created_at:%d-%m-%Y %H:%M:%S}",
        "status": 3,
        "cost": 0.08,
        "stdout": f"out {number}",
    }


@pytest.fixture(scope="module")
def gateway(shared_url: str) -> Iterator[RestGateway]:
    with open_rest(read_settings(database_url=shared_url)) as opened:
        for account, jobs in (("few", 3), ("pages", MANY), ("more", MANY + 1)):
            opened.put("sharedcloud", map(make_document, range(jobs)), account=account)
        opened.put(
            "modzy", [{"jobIdentifier": "m", "createdAt": "2024-01-01"}], account="few"
        )
        yield opened


def read_uuids(gateway: RestGateway, path: str, account: str) -> list[str]:
    """Give the uuids of an account's jobs, as they are listed."""
    answer: Any = gateway.read(path, gateway.make_key(account))
    return [job["uuid"] for job in answer]


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/api/v1/jobs/"])
@pytest.mark.parametrize(
    ("account", "jobs"), [("none", 0), ("few", 3), ("pages", MANY), ("more", MANY + 1)]
)
def test_all_jobs_are_listed_the_newest_first(
    gateway: RestGateway, path: str, account: str, jobs: int
) -> None:
    expected = [f"job-{number}" for number in reversed(range(jobs))]
    assert read_uuids(gateway, path, account) == expected


@pytest.mark.parametrize("path", ["/api/v1/jobs/job-1", "/api/v1/jobs/job-1/"])
def test_a_job_has_the_clock_of_the_gateway(gateway: RestGateway, path: str) -> None:
    answer: Any = gateway.read(path, gateway.make_key("few"))
    clock = datetime.strptime(
        answer.pop("current_server_time"), "%d-%m-%Y %H:%M:%S"
    ).replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - clock) < timedelta(minutes=1)
    assert answer == make_document(1)


def test_all_jobs_of_a_list_have_one_clock(gateway: RestGateway) -> None:
    answer: Any = gateway.read("/api/v1/jobs", gateway.make_key("more"))
    assert len({job["current_server_time"] for job in answer}) == 1


def test_a_head_has_no_body(gateway: RestGateway) -> None:
    answer = gateway.client.head("/api/v1/jobs", headers=gateway.make_key("few"))
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "application/json; charset=utf-8",
    )


@pytest.mark.parametrize("path", ["/api/v1/jobs/", "/api/v1/jobs/job-1/"])
@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({}, "Authentication credentials were not provided."),
        ({"authorization": "Token bad"}, "Invalid token."),
        ({"authorization": "Basic bad"}, "Invalid token."),
    ],
    ids=["none", "bad", "another scheme"],
)
def test_without_a_credential_that_holds_nothing_is_told(
    gateway: RestGateway, path: str, headers: dict[str, str], detail: str
) -> None:
    answer = gateway.client.get(path, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"detail": detail})
    assert answer.headers["www-authenticate"] == "Token"


def test_a_token_is_a_key(gateway: RestGateway) -> None:
    key = gateway.make_key("few")["x-api-key"]
    answer = gateway.client.get(
        "/api/v1/jobs/", headers={"authorization": f"Token {key}"}
    )
    assert len(answer.json()) == 3


@pytest.mark.parametrize(
    "path", ["/api/v1/jobs/unknown/", "/api/v1/jobs/m", "/api/v1/runs/", "/api/v1"]
)
def test_what_is_not_there_is_not_found(gateway: RestGateway, path: str) -> None:
    answer = gateway.client.get(path, headers=gateway.make_key("few"))
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


def test_other_methods_are_told_the_right_one(gateway: RestGateway) -> None:
    answer = gateway.client.patch("/api/v1/jobs/job-1/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert "send GET" in answer.json()["detail"]


def test_a_scope_that_is_missing_is_named(gateway: RestGateway) -> None:
    key = gateway.make_key("few", scopes=("usage:read",))
    answer = gateway.client.get("/api/v1/jobs/", headers=key)
    assert answer.status_code == 403
    assert "needs the scope jobs:read" in answer.json()["detail"]
