"""Each way an operation can end, with its code and status."""

from http import HTTPStatus
from typing import Any

import pytest

from gateway.records import ModelRecord
from gateway.schema.operations import Answer
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from tests.factories import make_job, put
from tests.schema.asking import ask, make_principal

SENTIMENT = ModelRecord(identifier="ed542963de")
NO_TABLES = "sqlite://"
WINDOW_TURNED_ROUND = (
    '{ usageSummary(startDate: "2027-01-01T00:00:00Z",'
    ' endDate: "2026-01-01T00:00:00Z") { asOf } }'
)


def codes_of(answer: Answer) -> list[str]:
    return [entry["extensions"]["code"] for entry in answer.payload["errors"]]


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ jobs(first: 1.5) { totalCount } }", None, "GRAPHQL_VALIDATION_FAILED"),
        (
            '{ usageSummary(startDate: "2026", endDate: "2027") { asOf } }',
            None,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query A { viewer { subject } } query B { viewer { subject } }",
            None,
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            "query($n: Int!) { jobs(first: $n) { totalCount } }",
            None,
            "BAD_USER_INPUT",
        ),
        (
            "query($p: [BigInt!]) { jobs(filter: {projectId: $p}) { totalCount } }",
            {"p": ["seven"]},
            "BAD_USER_INPUT",
        ),
        (
            "{ jobs { nodes { model { jobs { nodes { jobInputs { totalCount }}}}}}}",
            None,
            "QUERY_TOO_COMPLEX",
        ),
        ("{ users { nodes { email } } }", None, "FORBIDDEN"),
        ("{ viewer { subject } ...F }", None, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_cannot_run_is_refused_before_it_does(
    query: str,
    variables: dict[str, Any] | None,
    code: str,
    settings: Settings,
    database: Database,
) -> None:
    answer = await ask(settings, database, query, variables)
    assert "data" not in answer.payload
    assert set(codes_of(answer)) == {code}
    assert HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ("{ jobs(first: 101) { totalCount } }", ["jobs"], "BAD_USER_INPUT"),
        ("{ jobs(first: 1, last: 1) { totalCount } }", ["jobs"], "BAD_USER_INPUT"),
        ('{ jobs(after: "x") { totalCount } }', ["jobs"], "INVALID_CURSOR"),
        ('{ node(id: "x") { id } }', ["node"], "BAD_USER_INPUT"),
        (
            "{ jobs { nodes { jobInputs(first: -1) { totalCount } } } }",
            ["jobs", "nodes", 0, "jobInputs"],
            "BAD_USER_INPUT",
        ),
        (
            '{ jobs { n: nodes { m: model { j: jobs(after: "x") { totalCount } } } } }',
            ["jobs", "n", 0, "m", "j"],
            "INVALID_CURSOR",
        ),
        (
            WINDOW_TURNED_ROUND,
            ["usageSummary"],
            "BAD_USER_INPUT",
        ),
    ],
)
async def test_what_a_field_cannot_answer_has_the_field_s_path(
    query: str,
    path: list[str | int],
    code: str,
    settings: Settings,
    database: Database,
) -> None:
    await put(database, "acme", make_job(model=SENTIMENT))
    answer = await ask(settings, database, query)
    assert [entry["path"] for entry in answer.payload["errors"]] == [path]
    assert codes_of(answer) == [code]
    assert answer.status == HTTPStatus.OK


async def test_arguments_of_a_field_that_nothing_has_are_no_error(
    settings: Settings, database: Database
) -> None:
    answer = await ask(
        settings, database, "{ jobs { nodes { jobInputs(first: -1) { totalCount } } } }"
    )
    assert answer.payload == {"data": {"jobs": {"nodes": []}}}


async def test_without_a_credential_only_introspection_is_answered(
    settings: Settings, database: Database
) -> None:
    refused = await ask(settings, database, "{ viewer { subject } }", principal=None)
    answered = await ask(settings, database, "{ __typename }", principal=None)
    assert (refused.status, codes_of(refused)) == (401, ["UNAUTHENTICATED"])
    assert answered.payload == {"data": {"__typename": "Query"}}


async def test_a_database_without_tables_is_an_overload() -> None:
    settings = read_settings(database_url=NO_TABLES)
    database = open_database(settings)
    answer = await ask(settings, database, "{ jobs { totalCount } }")
    await database.close()
    assert codes_of(answer) == ["OVERLOADED"]
    assert (answer.status, answer.retry_after_s) == (503, 1)


async def test_a_scope_opens_the_field_it_guards(
    settings: Settings, database: Database
) -> None:
    principal = make_principal("jobs:read", "email")
    query = "{ users { nodes { email } } }"
    answer = await ask(settings, database, query, principal=principal)
    assert answer.payload == {"data": {"users": {"nodes": []}}}
