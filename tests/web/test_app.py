import logging

import pytest

from gateway.errors import DatabaseUnavailableError, MigrationError
from tests.web.fakes import KEY, FakeAnswer, FakeOperations, to_client

QUERY = {"query": "{ viewer { account } }"}
PATHS = ["/graphql", "/graphql?query={a}", "/healthz", "/readyz", "/", "/nowhere"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_every_answer_has_the_security_headers_once(path: str, accept: str) -> None:
    with to_client(headers=KEY | {"accept": accept}) as client:
        headers = client.get(path).headers
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("referrer-policy") == ["no-referrer"]
    assert headers.get_list("x-frame-options") == ["DENY"]
    assert headers.get_list("cross-origin-opener-policy") == ["same-origin"]
    assert headers.get_list("cross-origin-resource-policy") == ["same-origin"]
    (policy,) = headers.get_list("content-security-policy")
    assert policy.startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(("seconds", "sent"), [(0, None), (600, "max-age=600")])
def test_browsers_are_told_to_come_by_https_where_that_is_set(
    seconds: int, sent: str | None
) -> None:
    with to_client(hsts_s=seconds) as client:
        headers = client.get("/healthz").headers
    assert headers.get("strict-transport-security") == sent


@pytest.mark.parametrize("sent", ["abc-1.2:3_4", "a" * 128])
def test_the_request_id_of_the_client_is_kept(sent: str) -> None:
    with to_client() as client:
        answer = client.get("/healthz", headers={"x-request-id": sent})
    assert answer.headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", [None, "", "a b", "a" * 129, "ü", '"}'])
def test_other_requests_get_an_id_each(sent: str | None) -> None:
    headers = [] if sent is None else [(b"x-request-id", sent.encode())]
    with to_client() as client:
        ids = {
            client.get("/healthz", headers=headers).headers["x-request-id"]
            for _ in range(3)
        }
    assert len(ids - {sent}) == 3


def test_the_host_leads_to_graphql() -> None:
    with to_client() as client:
        answer = client.get("/")
    assert answer.is_redirect
    assert answer.headers["location"] == "graphql"


def test_an_unknown_path_names_the_right_one() -> None:
    with to_client() as client:
        answer = client.get("/graphql/v1")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (404, "NOT_FOUND")
    assert "/graphql" in error["message"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/"])
def test_other_routes_only_tell(path: str) -> None:
    with to_client() as client:
        answer = client.post(path)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (405, "BAD_REQUEST")
    assert answer.headers["allow"] == "GET"


async def fail() -> None:
    raise RuntimeError("password=hunter2")


def test_an_unexpected_error_keeps_its_cause_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with to_client(FakeOperations(act=fail)) as client:
        answer = client.post("/graphql", json=QUERY)
    extensions = answer.json()["errors"][0]["extensions"]
    assert answer.status_code == 500
    assert extensions == {
        "code": "INTERNAL_SERVER_ERROR",
        "requestId": answer.headers["x-request-id"],
    }
    assert "hunter2" not in answer.text
    assert "hunter2" in caplog.text


def test_a_payload_that_is_no_json_is_an_unexpected_error() -> None:
    operations = FakeOperations(answer=FakeAnswer(payload={"data": {"a": object()}}))
    with to_client(operations) as client:
        answer = client.post("/graphql", json=QUERY)
    assert answer.status_code == 500


@pytest.mark.parametrize("body", [b"null", b"{", b'{"query":1}'])
def test_a_mistake_of_a_client_is_information_without_a_traceback(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with to_client() as client:
        client.post("/graphql", content=body, headers={"content-type": "a/b"})
    records = [each for each in caplog.records if each.name.startswith("gateway")]
    assert [each.levelname for each in records] == ["INFO"]
    assert records[0].exc_info is None


def test_a_request_is_a_line_at_debug_without_its_query(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "gateway.web.middleware")
    with to_client() as client:
        client.get("/graphql?query={secret}")
    (record,) = (each for each in caplog.records if each.levelname == "DEBUG")
    assert record.getMessage().startswith("GET /graphql 200 in ")
    assert record.__dict__["status"] == 200


async def refuse() -> None:
    raise DatabaseUnavailableError("the database is not available")


async def lag() -> None:
    raise MigrationError("the database is not migrated; run `gateway db upgrade`")


def test_health_does_not_ask_the_database() -> None:
    with to_client(check_ready=refuse) as client:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readiness_is_told() -> None:
    with to_client() as client:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_unreadiness_is_told_with_its_reason() -> None:
    with to_client(check_ready=lag) as client:
        answer = client.get("/readyz")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (503, "OVERLOADED")
    assert "gateway db upgrade" in error["message"]
    assert answer.headers["retry-after"] == "1"
