import re

import pytest

from gateway.errors import ErrorCode
from gateway.setting_texts import SCOPES
from tests.web.fakes import FakeAnswer, FakeOperations, to_client

WELL_KNOWN = "/.well-known/oauth-protected-resource"
ISSUER = "https://id.example.com"
QUERY = {"query": "{ viewer { subject } }"}
FORBIDDEN = {
    "errors": [
        {
            "message": "User.email needs the scope email",
            "extensions": {
                "code": ErrorCode.FORBIDDEN.value,
                "requiredScopes": ("email", "jobs:read"),
            },
        }
    ]
}


def test_the_gateway_says_what_it_is_and_who_lets_one_in() -> None:
    with to_client(jwt_issuer=ISSUER) as client:
        answer = client.get(WELL_KNOWN)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "resource": "http://testserver",
        "resource_name": "Job Gateway",
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
        "scopes_supported": list(SCOPES),
    }


def test_without_an_issuer_nobody_is_named() -> None:
    with to_client() as client:
        assert "authorization_servers" not in client.get(WELL_KNOWN).json()


@pytest.mark.parametrize(
    ("public_url", "place", "resource"),
    [
        (None, "", "http://testserver"),
        (None, "/graphql", "http://testserver/graphql"),
        ("https://a.example", "", "https://a.example"),
        ("https://a.example/", "/graphql", "https://a.example/graphql"),
        ("https://a.example/api", "/api/graphql", "https://a.example/api/graphql"),
        ("https://a.example/api", "/api", "https://a.example/api"),
        ("https://a.example/api", "", "https://a.example/api"),
    ],
)
def test_a_document_describes_the_resource_that_its_address_names(
    public_url: str | None, place: str, resource: str
) -> None:
    with to_client(public_url=public_url) as client:
        assert client.get(WELL_KNOWN + place).json()["resource"] == resource


@pytest.mark.parametrize("place", ["/other", "/graphql/x", "/", "/api"])
def test_what_is_no_resource_has_no_document(place: str) -> None:
    with to_client() as client:
        assert client.get(WELL_KNOWN + place).status_code == 404


def test_a_request_without_a_usable_host_is_refused() -> None:
    with to_client() as client:
        answer = client.get(WELL_KNOWN, headers={"host": 'a"b'})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("headers", "is_invalid"),
    [({}, False), ({"x-api-key": "bad"}, True)],
    ids=["none", "bad"],
)
def test_who_is_refused_is_told_where_the_document_is(
    headers: dict[str, str], *, is_invalid: bool
) -> None:
    with to_client(headers=headers) as client:
        answer = client.post("/graphql", json=QUERY)
        challenge = answer.headers["www-authenticate"]
        found = re.search(r'resource_metadata="([^"]+)"', challenge)
        assert found is not None
        resource = client.get(found[1]).json()["resource"]
    assert resource == "http://testserver/graphql"
    assert challenge.startswith("Bearer ")
    assert ('error="invalid_token"' in challenge) is is_invalid


def test_a_lack_of_scopes_is_told_with_all_that_are_needed() -> None:
    operations = FakeOperations(answer=FakeAnswer(payload=FORBIDDEN, status=403))
    with to_client(operations) as client:
        answer = client.post("/graphql", json=QUERY)
    assert answer.headers["www-authenticate"] == (
        "Bearer resource_metadata="
        f'"http://testserver{WELL_KNOWN}/graphql", realm="job-gateway",'
        ' error="insufficient_scope", scope="email jobs:read"'
    )


def test_a_host_that_could_break_the_header_is_left_out() -> None:
    with to_client(headers={}) as client:
        answer = client.post("/graphql", json=QUERY, headers={"host": 'a", b="c'})
    challenge = answer.headers["www-authenticate"]
    assert challenge == 'Bearer realm="job-gateway", ApiKey realm="job-gateway"'


def test_an_answer_that_refuses_nobody_has_no_challenge() -> None:
    with to_client() as client:
        assert "www-authenticate" not in client.post("/graphql", json=QUERY).headers
