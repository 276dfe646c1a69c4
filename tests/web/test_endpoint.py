import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from gateway.errors import DatabaseUnavailableError
from gateway.query.document.request import GraphqlRequest
from tests.web.fakes import KEY, PRINCIPAL, FakeAnswer, FakeOperations, to_client

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
TYPED = KEY | {"content-type": JSON}
QUERY = {"query": "{ viewer { account } }"}


def to_code(content: bytes) -> str:
    code: str = json.loads(content)["errors"][0]["extensions"]["code"]
    return code


def to_message(content: bytes) -> str:
    message: str = json.loads(content)["errors"][0]["message"]
    return message


def test_a_post_is_executed_for_its_principal() -> None:
    operations = FakeOperations()
    body = QUERY | {"variables": {"a": [1]}, "operationName": "A", "extensions": {}}
    with to_client(operations) as client:
        answer = client.post("/graphql", json=body)
    assert (answer.status_code, answer.json()) == (200, {"data": {"ok": True}})
    assert operations.principals == [PRINCIPAL]
    assert operations.mutations_allowed == [True]
    assert operations.requests == [
        GraphqlRequest(query=QUERY["query"], variables={"a": [1]}, operation_name="A")
    ]


def test_an_operation_knows_the_id_of_its_request() -> None:
    operations = FakeOperations()
    with to_client(operations) as client:
        client.post("/graphql", json=QUERY, headers={"x-request-id": "id-1"})
    assert operations.request_ids == ["id-1"]


def test_a_get_is_executed_but_never_a_mutation() -> None:
    operations = FakeOperations()
    params = QUERY | {"variables": '{"a":"ü"}', "operationName": "", "other": "1"}
    with to_client(operations) as client:
        answer = client.get("/graphql", params=params)
    assert answer.status_code == 200
    assert operations.mutations_allowed == [False]
    assert operations.requests == [
        GraphqlRequest(query=QUERY["query"], variables={"a": "ü"})
    ]


def test_a_mutation_by_get_is_told_to_come_by_post() -> None:
    answer = FakeAnswer(payload={"errors": []}, status=405)
    with to_client(FakeOperations(answer=answer)) as client:
        response = client.get("/graphql", params={"query": "mutation { a }"})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


def test_instants_are_printed_in_utc_with_a_z() -> None:
    payload = {"data": {"at": datetime(2030, 1, 2, 3, 4, 5, 678, tzinfo=UTC)}}
    with to_client(FakeOperations(answer=FakeAnswer(payload=payload))) as client:
        response = client.post("/graphql", json=QUERY)
    assert response.json()["data"]["at"] == "2030-01-02T03:04:05.000678Z"


BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the body is empty"),
    "null": (b"null", "the body is null"),
    "text": (b'"query"', "the body is a text"),
    "list": (b'[{"query":"{a}"}]', "batching is not supported"),
    "cut off": (b'{"query":"{a}"', "the body is not JSON"),
    "two documents": (b'{"query":"{a}"}{}', "the body is not JSON"),
    "deep lists": (b"[" * 50_000, "the body is not JSON"),
    "deep objects": (b'{"query":' * 50_000, "the body is not JSON"),
    "deep and closed": (b"[" * 50_000 + b"]" * 50_000, "the body is not JSON"),
    "long integer": (b'{"variables":' + b"9" * 100_000 + b"}", "is not JSON"),
    "not a number": (b'{"variables":NaN}', "the body is not JSON"),
    "lone surrogate": (b'{"query":"\\ud800"}', "the body is not JSON"),
    "not UTF-8": (b'{"query":"\xff"}', "the body is not JSON"),
    "UTF-16": ('{"query":"{a}"}'.encode("utf-16"), "the body is not JSON"),
    "BOM": (b"\xef\xbb\xbf{}", "the body is not JSON"),
    "no query": (b"{}", "query is missing"),
    "null query": (b'{"query":null}', "query is missing"),
    "list of queries": (b'{"query":["{a}"]}', "query is a list; give a text"),
    "variables list": (b'{"query":"","variables":[]}', "variables is a list"),
    "variables text": (b'{"query":"","variables":"{}"}', "variables is a text"),
    "name": (b'{"query":"","operationName":1}', "operationName is a number"),
    "extensions": (b'{"query":"","extensions":true}', "extensions is a boolean"),
}


@pytest.mark.parametrize(("body", "message"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
def test_a_malformed_body_is_a_bad_request(
    body: bytes, message: str, accept: str
) -> None:
    with to_client(headers=TYPED | {"accept": accept}) as client:
        answer = client.post("/graphql", content=body)
    assert (answer.status_code, to_code(answer.content)) == (400, "BAD_REQUEST")
    assert message in to_message(answer.content)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "content-type is missing"),
        ({"content-type": "text/plain"}, "'text/plain' is not read"),
        ({"content-type": "application/graphql"}, "send application/json"),
        ({"content-type": "application/x-www-form-urlencoded"}, "is not read"),
        ({"content-type": f"{JSON}; charset=utf-16"}, "charset 'utf-16' is not read"),
        ({"content-type": f"{JSON};Charset=latin1"}, "charset 'latin1' is not read"),
        ({"content-type": JSON, "content-encoding": "gzip"}, "'gzip' is not read"),
        ({"content-type": JSON, "content-encoding": "br, gzip"}, "is not read"),
    ],
)
def test_a_body_of_another_kind_is_unsupported(
    headers: dict[str, str], message: str
) -> None:
    with to_client(headers=KEY | headers) as client:
        answer = client.post("/graphql", content=b'{"query":"{a}"}')
    assert (answer.status_code, to_code(answer.content)) == (415, "BAD_REQUEST")
    assert message in to_message(answer.content)


@pytest.mark.parametrize(
    "content_type",
    [JSON, "Application/JSON", f"{JSON};charset=UTF-8", f'{JSON}; charset="utf-8"'],
)
def test_json_in_utf_8_is_read_however_it_is_spelt(content_type: str) -> None:
    headers = KEY | {"content-type": content_type, "content-encoding": "identity"}
    with to_client(headers=headers) as client:
        answer = client.post("/graphql", content=b'{"query":"{a}"}')
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["content-type", "content-encoding"])
def test_a_header_that_comes_once_is_refused_twice(name: str) -> None:
    headers = [("x-api-key", "acme.secret"), (name, JSON), (name, JSON)]
    if name != "content-type":
        headers.append(("content-type", JSON))
    with to_client(headers={}) as client:
        answer = client.post("/graphql", content=b"{}", headers=headers)
    assert (answer.status_code, to_code(answer.content)) == (400, "BAD_REQUEST")
    assert to_message(answer.content).startswith(f"the request has two {name} headers")


def to_chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * 100


@pytest.mark.parametrize("content", [b" " * 1001, to_chunks(11)], ids=["told", "not"])
def test_a_body_over_the_limit_is_too_large(content: bytes | Iterator[bytes]) -> None:
    with to_client(headers=TYPED, max_body_bytes=1000) as client:
        answer = client.post("/graphql", content=content)
    assert (answer.status_code, to_code(answer.content)) == (413, "BAD_REQUEST")
    assert "more than 1000 bytes" in to_message(answer.content)


def test_a_body_in_pieces_of_just_the_limit_is_read() -> None:
    body = [b'{"query":', b'"{a}"}', b" " * 985]
    with to_client(headers=TYPED, max_body_bytes=1000) as client:
        answer = client.post("/graphql", content=iter(body))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        ("", "query is missing"),
        ("variables={}", "query is missing"),
        ("query={a}&variables={", "variables is not JSON"),
        ("query={a}&variables=[]", "variables is a list; give an object"),
        ("query={a}&extensions=1", "extensions is a number; give an object"),
        ("query={a}&query={b}", "the URL has query twice"),
        ("query=%ff", "is not UTF-8"),
        ("query=%ed%a0%80", "is not UTF-8"),
        ("query={a}" + "&x=" * 60, "more than 50 parameters"),
        ("query=" + "a" * 20_000, "send the operation by POST"),
    ],
)
def test_a_malformed_url_is_a_bad_request(query_string: str, message: str) -> None:
    with to_client() as client:
        answer = client.get(f"/graphql?{query_string}")
    assert (answer.status_code, to_code(answer.content)) == (400, "BAD_REQUEST")
    assert message in to_message(answer.content)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_told_the_right_ones(method: str) -> None:
    with to_client() as client:
        answer = client.request(method, "/graphql")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


async def wait_forever() -> None:
    await asyncio.Event().wait()


REFUSED = {"errors": [{"message": "a", "extensions": {"code": "BAD_USER_INPUT"}}]}


@pytest.mark.parametrize(
    ("accept", "status", "media_type", "answered"),
    [
        (None, 400, JSON, 200),
        ("*/*", 400, JSON, 200),
        (JSON, 400, JSON, 200),
        ("text/csv", 400, JSON, 200),
        (GRAPHQL, 400, GRAPHQL, 400),
        (f"{JSON}, {GRAPHQL}", 400, GRAPHQL, 400),
        (f"{GRAPHQL};q=0.5, {JSON}", 400, JSON, 200),
        (f"{GRAPHQL};q=0", 400, JSON, 200),
        ("Application/GraphQL-Response+JSON; charset=utf-8", 400, GRAPHQL, 400),
        (JSON, 200, JSON, 200),
        (JSON, 401, JSON, 401),
        (JSON, 403, JSON, 403),
        (JSON, 429, JSON, 429),
        (JSON, 503, JSON, 503),
        (JSON, 504, JSON, 504),
        (GRAPHQL, 403, GRAPHQL, 403),
    ],
)
def test_the_status_fits_the_media_type(
    accept: str | None, status: int, media_type: str, answered: int
) -> None:
    headers = KEY | ({"accept": accept} if accept else {})
    operations = FakeOperations(answer=FakeAnswer(payload=REFUSED, status=status))
    with to_client(operations, headers=headers) as client:
        if accept is None:
            del client.headers["accept"]
        answer = client.post("/graphql", json=QUERY)
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert (answer.status_code, answer.json()) == (answered, REFUSED)


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "bad"}], ids=["none", "bad"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_credential_that_holds_the_answer_is_401(
    headers: dict[str, str], method: str
) -> None:
    with to_client(headers=headers) as client:
        answer = client.request(method, "/graphql?query={a}", json=QUERY)
    assert (answer.status_code, to_code(answer.content)) == (401, "UNAUTHENTICATED")
    challenge = answer.headers["www-authenticate"]
    assert 'Bearer resource_metadata="' in challenge
    assert 'ApiKey realm="job-gateway"' in challenge


@pytest.mark.parametrize(("method", "status"), [("GET", 401), ("POST", 200)])
def test_a_cookie_vouches_only_for_what_other_sites_cannot_send(
    method: str, status: int
) -> None:
    with to_client(headers={"cookie": "jwt=a.b.c"}) as client:
        answer = client.request(method, "/graphql?query={a}", json=QUERY)
    assert answer.status_code == status


def test_a_get_with_a_cookie_counts_where_no_link_can_send_it() -> None:
    headers = {"cookie": "jwt=a.b.c", "apollo-require-preflight": "1"}
    with to_client(headers=headers) as client:
        answer = client.get("/graphql", params=QUERY)
    assert answer.status_code == 200


def test_a_cookie_of_another_site_is_refused_with_the_reason() -> None:
    headers = {"cookie": "jwt=a.b.c", "sec-fetch-site": "cross-site"}
    with to_client(headers=headers) as client:
        answer = client.post("/graphql", json=QUERY)
    assert (answer.status_code, to_code(answer.content)) == (401, "UNAUTHENTICATED")
    assert "another site" in to_message(answer.content)


@pytest.mark.parametrize(
    ("headers", "principal"), [({}, None), (KEY, PRINCIPAL)], ids=["without", "with"]
)
def test_public_introspection_lets_operations_decide(
    headers: dict[str, str], principal: object
) -> None:
    operations = FakeOperations()
    with to_client(operations, headers=headers, public_introspection=True) as client:
        client.post("/graphql", json=QUERY)
    assert operations.principals == [principal]


def test_a_request_that_takes_too_long_is_cancelled() -> None:
    operations = FakeOperations(act=wait_forever)
    with to_client(operations, request_timeout_s=0.05) as client:
        answer = client.post("/graphql", json=QUERY)
    assert (answer.status_code, to_code(answer.content)) == (504, "TIMEOUT")
    assert "longer than 0.05 s" in to_message(answer.content)
    assert operations.was_cancelled


def test_a_database_that_is_away_is_worth_a_retry() -> None:
    async def fail() -> None:
        raise DatabaseUnavailableError("the database is not available")

    with to_client(FakeOperations(act=fail)) as client:
        answer = client.post("/graphql", json=QUERY)
    assert (answer.status_code, to_code(answer.content)) == (503, "OVERLOADED")
    assert int(answer.headers["retry-after"]) >= 1


def test_an_answer_can_tell_when_to_retry() -> None:
    answer = FakeAnswer(payload=REFUSED, status=503, retry_after_s=7)
    with to_client(FakeOperations(answer=answer)) as client:
        response = client.post("/graphql", json=QUERY)
    assert (response.status_code, response.headers["retry-after"]) == (503, "7")


def test_an_answer_is_never_cached() -> None:
    with to_client() as client:
        answers = [client.get("/graphql?query={a}"), client.get("/graphql")]
    assert [each.headers["cache-control"] for each in answers] == ["no-store"] * 2


def test_a_browser_gets_the_page() -> None:
    with to_client(headers={"accept": "text/html,*/*;q=0.8"}) as client:
        answer = client.get("/graphql")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
