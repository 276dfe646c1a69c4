"""Whatever is wrong gets a clear error, and leaves no trace of trouble in the log."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.records import JobSource
from gateway.settings import Settings, read_settings
from gateway.store.database import open_database
from tests.auth.signing import SECRET, make_claims, make_token
from tests.factories import make_job, put
from tests.features.asking import ALL_SCOPES
from tests.features.clients import open_client, to_body

WINDOW = 'startDate: "2026-01-01T00:00:00Z", endDate: "2026-02-01T00:00:00Z"'
PARSE = "GRAPHQL_PARSE_FAILED"
VALIDATION = "GRAPHQL_VALIDATION_FAILED"
OPERATION = "OPERATION_RESOLUTION_FAILURE"
INPUT = "BAD_USER_INPUT"
CURSOR = "INVALID_CURSOR"
COMPLEX = "QUERY_TOO_COMPLEX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A gateway that serves, and a key for it."""

    client: TestClient
    key: str


@pytest.fixture(scope="module")
def served(shared_url: str) -> Iterator[Served]:
    settings = read_settings(database_url=shared_url, jwt_secret=SECRET)
    key = asyncio.run(fill(settings))
    with open_client(settings) as client:
        yield Served(client=client, key=key)


async def fill(settings: Settings) -> str:
    """Write a few jobs, and make a key."""
    database = open_database(settings)
    await put(
        database,
        "acme",
        *(make_job(job_identifier="twice", source=found) for found in JobSource),
    )
    key = await issue_key(database, KeyRequest(account="acme", scopes=ALL_SCOPES))
    await database.close()
    return key.text


@pytest.fixture(autouse=True)
def quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A client's mistake is no trouble of the gateway's."""
    with caplog.at_level(logging.DEBUG, logger="gateway"):
        yield
    assert not [found for found in caplog.records if found.levelno > logging.INFO]
    assert not [found for found in caplog.records if found.exc_info]


def nest(levels: int) -> str:
    """Ask deeper and deeper."""
    inner = "{ model { jobs { nodes " * levels + "{ id }" + " } } }" * levels
    return f"{{ jobs {{ nodes {inner} }} }}"


# Each with its code, and what its message must name: what was wrong, what is right.
QUERIES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "nothing": ("", PARSE, ("Syntax Error", "<EOF>")),
    "no end": ("{ jobs {", PARSE, ("Syntax Error", "<EOF>")),
    "a wrong character": ("{ jobs ? }", PARSE, ("Syntax Error", "'?'")),
    "an open text": ('{ job(jobIdentifier: "x) { id } }', PARSE, ("Unterminated",)),
    "an unknown field": (
        "{ jobs { nodes { statusx } } }",
        VALIDATION,
        ("statusx", "Did you mean 'status'"),
    ),
    "an unknown root field": ("{ job_s { id } }", VALIDATION, ("job_s", "'jobs'")),
    "an unknown argument": (
        "{ jobs(firstt: 1) { totalCount } }",
        VALIDATION,
        ("firstt", "'first'"),
    ),
    "an unknown enum value": (
        "{ jobs(filter: {status: [RUNNINGG]}) { totalCount } }",
        VALIDATION,
        ("RUNNINGG", "RUNNING"),
    ),
    "an unknown filter": (
        "{ jobs(filter: {statuses: []}) { totalCount } }",
        VALIDATION,
        ("statuses", "'status'"),
    ),
    "a missing argument": ("{ job { id } }", VALIDATION, ("jobIdentifier", "String!")),
    "a missing selection": ("{ jobs }", VALIDATION, ("jobs", "{ ... }")),
    "a selection of a leaf": (
        "{ viewer { subject { id } } }",
        VALIDATION,
        ("subject", "no subfields"),
    ),
    "an unknown type": (
        '{ node(id: "x") { ... on Jub { id } } }',
        VALIDATION,
        ("Jub", "'Job'"),
    ),
    "an unknown fragment": ("{ ...f }", VALIDATION, ("Unknown fragment 'f'",)),
    "a fragment of itself": (
        "{ ...f } fragment f on Query { ...f }",
        VALIDATION,
        ("'f'", "itself"),
    ),
    "an unknown directive": ("{ viewer @nope { subject } }", VALIDATION, ("'@nope'",)),
    "an undefined variable": (
        "{ jobs(first: $n) { totalCount } }",
        VALIDATION,
        ("$n", "not defined"),
    ),
    "a variable of the wrong type": (
        "query ($n: String) { jobs(first: $n) { totalCount } }",
        VALIDATION,
        ("$n", "Int"),
    ),
    "a text for a number": (
        '{ jobs(first: "1") { totalCount } }',
        VALIDATION,
        ("Int",),
    ),
    "a number beyond Int": (
        "{ jobs(first: 2147483648) { totalCount } }",
        VALIDATION,
        ("2147483648", "32-bit"),
    ),
    "no operation": (
        "fragment f on Query { viewer { subject } }",
        VALIDATION,
        ("f", "never used"),
    ),
    "two operations": (
        "query a { viewer { subject } } query b { viewer { subject } }",
        OPERATION,
        ("2 operations", "operationName", "a, b"),
    ),
    "a mutation": ("mutation { nope }", VALIDATION, ("nope", "Mutation")),
    "a page too large": (
        "{ jobs(first: 101) { totalCount } }",
        INPUT,
        ("first is 101", "0 to 100"),
    ),
    "a negative page": (
        "{ jobs(last: -1) { totalCount } }",
        INPUT,
        ("last is -1", "0 to 100"),
    ),
    "first and last": (
        "{ jobs(first: 1, last: 1) { totalCount } }",
        INPUT,
        ("first and last", "one of them"),
    ),
    "no cursor": (
        '{ jobs(after: "?") { totalCount } }',
        CURSOR,
        ("after is no cursor", "endCursor"),
    ),
    "a cursor of odd JSON": (
        '{ jobs(before: "e30=") { totalCount } }',
        CURSOR,
        ("before is no cursor",),
    ),
    "a cursor of another list": (
        '{ jobs(after: "WyJ4IiwxLDFd") { totalCount } }',
        CURSOR,
        ("another list", "same filter and orderBy"),
    ),
    "no id": ('{ node(id: "zzz") { id } }', INPUT, ("'zzz'", "as it was returned")),
    "no ids": (
        '{ nodes(ids: ["zzz"]) { id } }',
        INPUT,
        ("'zzz'", "as it was returned"),
    ),
    "an identifier of several sources": (
        '{ job(jobIdentifier: "twice") { id } }',
        INPUT,
        ("'twice'", "several sources", "name one in source"),
    ),
    "no big integer": (
        '{ jobs(filter: {projectId: ["x"]}) { totalCount } }',
        VALIDATION,
        ("'x'", "whole number"),
    ),
    "an integer of 70 bits": (
        "{ jobs(filter: {projectId: [1180591620717411303424]}) { totalCount } }",
        VALIDATION,
        ("1180591620717411303424",),
    ),
    "an instant without an offset": (
        '{ jobs(filter: {createdAt: {from: "2026-01-31T12:00:00"}}) { totalCount } }',
        VALIDATION,
        ("'2026-01-31T12:00:00'", "offset", "2026-01-31T12:00:00Z"),
    ),
    "a day that is none": (
        '{ jobs(filter: {createdAt: {to: "2026-02-30T12:00:00Z"}}) { totalCount } }',
        VALIDATION,
        ("2026-02-30", "day"),
    ),
    "an unknown time zone": (
        f'{{ usageSummary({WINDOW}, timeZone: "Mars") {{ asOf }} }}',
        VALIDATION,
        ("'Mars'", "Europe/Paris"),
    ),
    "a path for a time zone": (
        f'{{ usageSummary({WINDOW}, timeZone: "../../etc/passwd") {{ asOf }} }}',
        VALIDATION,
        ("etc/passwd", "Europe/Paris"),
    ),
    "a window turned round": (
        (
            '{ usageSummary(startDate: "2026-02-01T00:00:00Z",'
            ' endDate: "2026-01-01T00:00:00Z") { asOf } }'
        ),
        INPUT,
        ("startDate is after endDate", "earlier one first"),
    ),
    "a dimension twice": (
        f"{{ usageSummary({WINDOW}, groupBy: [USER, USER]) {{ asOf }} }}",
        INPUT,
        ("groupBy", "twice", "once"),
    ),
    "too many dimensions": (
        (
            f"{{ usageSummary({WINDOW}, groupBy: [USER, MODEL, STATUS, SOURCE])"
            " { asOf } }"
        ),
        INPUT,
        ("4 dimensions", "at most 3"),
    ),
    "too many buckets": (
        (
            '{ usageSummary(startDate: "1900-01-01T00:00:00Z",'
            ' endDate: "2026-01-01T00:00:00Z", bucket: HOUR) { asOf } }'
        ),
        INPUT,
        ("buckets", "10000", "longer buckets"),
    ),
    "too deep": (nest(5), COMPLEX, ("18 levels", "at most 12")),
    "nested without end": (nest(600), COMPLEX, ("nests too deeply", "at most 12")),
    "too many aliases": (
        f"{{ {' '.join(f'a{n}: viewer {{ subject }}' for n in range(31))} }}",
        COMPLEX,
        ("31 aliases", "at most 30"),
    ),
    "too many tokens": (
        f"{{ {'viewer { subject } ' * 600}}}",
        COMPLEX,
        ("2000 tokens",),
    ),
    "too many nodes": (
        (
            "{ jobs(first: 100) { nodes { model { jobs(first: 100) { nodes {"
            " jobInputs(first: 100) { nodes { identifier } } } } } } } }"
        ),
        COMPLEX,
        ("1010100 nodes", "at most 20000", "smaller pages"),
    ),
}
VARIABLES: Mapping[str, tuple[str, object, tuple[str, ...]]] = {
    "a text for Int": ("Int", "x", ("$value", "Int", "x")),
    "a list for Int": ("Int", [1], ("$value", "Int")),
    "null for Int!": ("Int!", None, ("$value", "Int!", "null")),
    "a number for a text": ("String", 1, ("$value", "String", "1")),
    "a text for an instant": ("DateTime", "today", ("$value", "'today'", "RFC 3339")),
    "a number for an instant": ("DateTime", 5, ("$value", "5", "RFC 3339")),
    "a part for BigInt": ("BigInt", 1.5, ("$value", "1.5", "whole number")),
    "65 bits for BigInt": ("BigInt", str(2**63), ("$value", "64 bits")),
    "an unknown status": ("JobStatus!", "DONE", ("$value", "DONE", "JobStatus")),
    "an unknown field of a filter": ("JobFilter", {"x": 1}, ("$value", "'x'")),
    "a text for a filter": ("JobFilter", "x", ("$value", "JobFilter")),
}
USES = {
    "Int": "jobs(first: $value) { totalCount }",
    "Int!": "jobs(first: $value) { totalCount }",
    "String": "jobs(after: $value) { totalCount }",
    "DateTime": "jobs(filter: {createdAt: {from: $value}}) { totalCount }",
    "BigInt": f"usageSummary({WINDOW}, projectId: $value) {{ asOf }}",
    "JobStatus!": "jobs(filter: {status: [$value]}) { totalCount }",
    "JobFilter": "jobs(filter: $value) { totalCount }",
}
BODIES: Mapping[str, tuple[bytes, int, tuple[str, ...]]] = {
    "nothing": (b"", 400, ("the body is empty", "JSON object")),
    "no JSON": (b"{", 400, ("the body is not JSON",)),
    "null": (b"null", 400, ("the body is null", "JSON object")),
    "a list": (b"[]", 400, ("the body is a list", "one object")),
    "a text": (b'"x"', 400, ("the body is a text", "JSON object")),
    "no query": (b"{}", 400, ("query is missing",)),
    "a query that is none": (b'{"query": 1}', 400, ("query is a number", "a text")),
    "variables that are none": (
        b'{"query": "{ viewer { subject } }", "variables": []}',
        400,
        ("variables is a list", "an object"),
    ),
    "a name that is none": (
        b'{"query": "{ viewer { subject } }", "operationName": 1}',
        400,
        ("operationName is a number", "a text"),
    ),
    "JSON nested without end": (b"[" * 50_000, 400, ("the body is not JSON",)),
    "an integer without end": (b'{"query": ' + b"1" * 100_000 + b"}", 400, ()),
    "a lone surrogate": (b'{"query": "\\ud800"}', 400, ("the body is not JSON",)),
    "no UTF-8": (b'{"query": "\xff"}', 400, ("the body is not JSON",)),
    "too large": (b" " * 1_048_577, 413, ("more than 1048576 bytes", "smaller")),
}
EXPIRED = make_token(make_claims(exp=1_000_000_000))
CREDENTIALS: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "none": ({}, ("no credential", "x-api-key", "Bearer")),
    "an unknown key": ({"x-api-key": "abc.def"}, ("unknown API key",)),
    "no key": ({"x-api-key": "abc"}, ("API key",)),
    "an unknown scheme": ({"authorization": "Basic eDp5"}, ("Bearer",)),
    "no token": ({"authorization": "Bearer x"}, ("JWT",)),
    "an expired token": ({"authorization": f"Bearer {EXPIRED}"}, ("expired",)),
    "a token of another secret": (
        {"x-jwt-token": make_token(key="another secret that is long enough")},
        ("signature",),
    ),
    "a key and a token": (
        {"x-api-key": "abc.def", "x-jwt-token": make_token()},
        ("x-api-key", "x-jwt-token", "one"),
    ),
}


def to_error(answer: Any) -> tuple[str, str]:  # noqa: ANN401 -- an HTTP answer
    """Give code and message of the first error."""
    error = answer.json()["errors"][0]
    return error["extensions"]["code"], error["message"]


def missing(words: tuple[str, ...], message: str) -> list[str]:
    """Give the words that a message lacks."""
    return [word for word in words if word not in message]


@pytest.mark.parametrize("case", QUERIES.values(), ids=QUERIES)
def test_a_wrong_statement_is_told_what_is_wrong(
    served: Served, case: tuple[str, str, tuple[str, ...]]
) -> None:
    query, code, words = case
    headers = {"x-api-key": served.key}
    answer = served.client.post("/graphql", json=to_body(query), headers=headers)
    found, message = to_error(answer)
    assert (found, missing(words, message)) == (code, []), message
    # What was not executed is a bad request; a field that fails is part of an answer.
    is_executed = "path" in answer.json()["errors"][0]
    assert answer.status_code == (200 if is_executed else 400)


@pytest.mark.parametrize("case", VARIABLES.values(), ids=VARIABLES)
def test_a_wrong_variable_is_told_what_is_wrong(
    served: Served, case: tuple[str, object, tuple[str, ...]]
) -> None:
    kind, value, words = case
    body = to_body(f"query ($value: {kind}) {{ {USES[kind]} }}", value=value)
    headers = {"x-api-key": served.key}
    answer = served.client.post("/graphql", json=body, headers=headers)
    code, message = to_error(answer)
    assert (answer.status_code, code, missing(words, message)) == (400, INPUT, [])


@pytest.mark.parametrize("case", BODIES.values(), ids=BODIES)
def test_a_wrong_body_is_told_what_is_wrong(
    served: Served, case: tuple[bytes, int, tuple[str, ...]]
) -> None:
    body, status, words = case
    headers = {"x-api-key": served.key, "content-type": "application/json"}
    answer = served.client.post("/graphql", content=body, headers=headers)
    code, message = to_error(answer)
    assert (answer.status_code, code) == (status, "BAD_REQUEST")
    assert not missing(words, message), message


@pytest.mark.parametrize("case", CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_wrong_credential_is_told_what_is_wrong(
    served: Served, case: tuple[Mapping[str, str], tuple[str, ...]]
) -> None:
    headers, words = case
    body = to_body("{ viewer { subject } }")
    answer = served.client.post("/graphql", json=body, headers=dict(headers))
    code, message = to_error(answer)
    assert (answer.status_code, code) == (401, "UNAUTHENTICATED")
    assert not missing(words, message), message
    assert "Bearer" in answer.headers["www-authenticate"]


def test_an_unknown_operation_name_is_told_the_known_ones(served: Served) -> None:
    body = {"query": "query a { viewer { subject } }", "operationName": "b"}
    headers = {"x-api-key": served.key}
    answer = served.client.post("/graphql", json=body, headers=headers)
    code, message = to_error(answer)
    assert (code, missing(("'b'", "it has a"), message)) == (OPERATION, [])


def test_too_many_ids_are_told_how_many_may_be(served: Served) -> None:
    body = to_body("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 101)
    headers = {"x-api-key": served.key}
    answer = served.client.post("/graphql", json=body, headers=headers)
    assert to_error(answer) == (INPUT, "ids has 101 items; give at most 100")
