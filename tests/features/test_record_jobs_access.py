"""Who may report jobs, of which account and project, and by what requests."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.settings import read_settings
from tests.auth.signing import SECRET, make_claims, make_token
from tests.features.clients import to_body
from tests.features.recording import (
    RECORD,
    Reporter,
    make_report,
    open_reporter,
    to_outcomes,
)

COUNT = "mutation ($jobs: [JobRecordInput!]!) { recordJobs(jobs: $jobs) { recorded } }"
FOREIGN = {
    "code": "FORBIDDEN",
    "message": (
        "the account has a job of this jobIdentifier outside of the project of the"
        " credential; give the job another"
    ),
}


@pytest.fixture
def reporter(database_url: str) -> Iterator[Reporter]:
    settings = read_settings(database_url=database_url, jwt_secret=SECRET)
    with open_reporter(settings) as opened:
        yield opened


def read_projects(reporter: Reporter) -> dict[str, int | None]:
    nodes = reporter.read("{ jobs { nodes { jobIdentifier projectId } } }")
    return {each["jobIdentifier"]: each["projectId"] for each in nodes["jobs"]["nodes"]}


def to_error(answer: Any) -> tuple[int, str, str]:  # noqa: ANN401 -- an HTTP answer
    (error,) = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"], error["message"]


def test_who_may_only_write_is_told_what_became_of_the_jobs(
    reporter: Reporter,
) -> None:
    writer = reporter.with_key(scopes=["jobs:write"])
    assert writer.read(COUNT, jobs=[make_report("a")]) == {
        "recordJobs": {"recorded": 1}
    }


def test_who_may_only_read_writes_nothing(reporter: Reporter) -> None:
    reader = reporter.with_key(scopes=["jobs:read", "usage:read"])
    answer = reader.post(COUNT, jobs=[make_report("a")])
    message = (
        "Mutation.recordJobs needs the scope jobs:write; the credential has jobs:read"
        " usage:read"
    )
    assert to_error(answer) == (403, "FORBIDDEN", message)
    assert read_projects(reporter) == {}


def test_a_job_is_not_read_back_without_the_right_to_read_and_then_not_written(
    reporter: Reporter,
) -> None:
    writer = reporter.with_key(scopes=["jobs:write"])
    status, code, message = to_error(writer.post(RECORD, jobs=[make_report("a")]))
    assert (status, code) == (403, "FORBIDDEN")
    assert message.startswith("RecordedJob.job needs the scope jobs:read")
    assert read_projects(reporter) == {}


def test_the_account_is_the_credential_s(reporter: Reporter) -> None:
    other = reporter.with_key("globex")
    other.record(make_report("a", label="theirs"))
    answer = reporter.record(make_report("a", label="ours"))
    assert answer["results"][0]["job"]["accountIdentifier"] == "acme"
    assert to_outcomes(answer) == ["RECORDED"]
    labels = [
        each.read("{ jobs { nodes { label } } }")["jobs"]["nodes"]
        for each in (reporter, other)
    ]
    assert labels == [[{"label": "ours"}], [{"label": "theirs"}]]


def test_a_key_of_a_project_writes_to_that_project_alone(reporter: Reporter) -> None:
    seven = reporter.with_key(project_id=7)
    answer = seven.record(
        make_report("none"),
        make_report("own", projectId=7),
        make_report("other", projectId=9),
    )
    assert to_outcomes(answer) == ["RECORDED", "RECORDED", "REJECTED"]
    assert answer["results"][2]["error"] == {
        "code": "FORBIDDEN",
        "message": "projectId is 9; right is 7, the project of the credential, or none",
    }
    assert read_projects(reporter) == {"none": 7, "own": 7}


@pytest.mark.parametrize("project_id", [9, None])
def test_a_key_of_a_project_takes_no_job_from_outside_of_it(
    reporter: Reporter, project_id: int | None
) -> None:
    reporter.record(make_report("a", projectId=project_id), make_report("b"))
    seven = reporter.with_key(project_id=7)
    newer = make_report("a", updatedAt="2030-01-01T00:00:00Z", label="mine")
    answer = seven.record(newer, make_report("c"), newer)
    assert to_outcomes(answer) == ["REJECTED", "RECORDED", "REJECTED"]
    assert answer["results"][0]["error"] == FOREIGN
    assert answer["results"][0]["job"] is None
    assert read_projects(reporter) == {"a": project_id, "b": None, "c": 7}


def test_a_key_of_the_account_may_move_a_job(reporter: Reporter) -> None:
    seven = reporter.with_key(project_id=7)
    seven.record(make_report("a"))
    moved = make_report("a", projectId=9, updatedAt="2030-01-01T00:00:00Z")
    assert to_outcomes(reporter.record(moved)) == ["UPDATED"]
    assert read_projects(seven) == {}


def test_a_get_writes_nothing(reporter: Reporter) -> None:
    query = "mutation { recordJobs(jobs: []) { recorded } }"
    answer = reporter.client.get(
        "/graphql", params={"query": query}, headers={"x-api-key": reporter.key}
    )
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, 401),
        ({"content-type": "text/plain"}, 415),
    ],
    ids=["own page", "other site", "plain form"],
)
def test_a_cookie_vouches_only_for_the_gateway_s_own_page(
    reporter: Reporter, headers: dict[str, str], status: int
) -> None:
    token = make_token(make_claims(scope="jobs:write"))
    answer = reporter.client.post(
        "/graphql",
        json=to_body(COUNT, jobs=[make_report("a")]),
        headers={"cookie": f"jwt={token}", **headers},
    )
    assert answer.status_code == status
    assert len(read_projects(reporter)) == (status == 200)


def test_public_introspection_lets_nobody_write(database_url: str) -> None:
    settings = read_settings(database_url=database_url, public_introspection=True)
    with open_reporter(settings) as reporter:
        answer = reporter.client.post(
            "/graphql", json=to_body(COUNT, jobs=[make_report("a")])
        )
        assert to_error(answer)[:2] == (401, "UNAUTHENTICATED")
        assert read_projects(reporter) == {}
