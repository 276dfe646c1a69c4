"""Documents of the source systems are sent over HTTP, as they would be imported."""

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.cli.importing import ImportRequest, ImportSummary, import_into
from gateway.dialects.context import DecodeContext
from gateway.settings import read_settings
from tests.auth.signing import SECRET, make_claims, make_token
from tests.features.recording import Reporter, make_report, open_reporter, verify

SAMPLES = Path(__file__).parents[1] / "dialects/samples"
NDJSON = "application/x-ndjson"
# Each with the query string, and how many jobs it has.
FILES: Mapping[str, tuple[str, str, int]] = {
    "modzy": ("modzy.json", "", 1),
    "edge-impulse": ("edge_impulse.json", "?project=7", 1),
    "sharedcloud": ("sharedcloud.json", "?timeZone=Europe/Madrid", 1),
    "swf": ("small.swf", "", 2),
}
NOTHING = {"read": 0, "new": 0, "updated": 0, "unchanged": 0, "rejected": 0}


@pytest.fixture
def reporter(database_url: str) -> Iterator[Reporter]:
    settings = read_settings(
        database_url=database_url, jwt_secret=SECRET, max_ingest_bytes=100_000
    )
    with open_reporter(settings) as opened:
        yield opened


def send(
    reporter: Reporter,
    path: str,
    body: bytes | Iterator[bytes],
    **headers: str,
) -> Any:  # noqa: ANN401 -- an HTTP answer
    """Send a body with a key."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    own = {"x-api-key": reporter.key, "content-type": NDJSON}
    return reporter.client.post(f"/ingest/{path}", content=body, headers=own | named)


def to_lines(*jobs: Mapping[str, Any]) -> bytes:
    return b"".join(json.dumps(job).encode() + b"\n" for job in jobs)


def read_projects(reporter: Reporter) -> dict[str, int | None]:
    nodes = reporter.read("{ jobs { nodes { jobIdentifier projectId } } }")
    return {each["jobIdentifier"]: each["projectId"] for each in nodes["jobs"]["nodes"]}


def import_file(reporter: Reporter, name: str, query: str) -> ImportSummary:
    """Import a sample as the command does."""
    is_abroad = "timeZone" in query
    context = DecodeContext(
        project_id=7 if "project" in query else None,
        time_zone=ZoneInfo("Europe/Madrid" if is_abroad else "UTC"),
    )
    path = SAMPLES / FILES[name][0]
    request = ImportRequest(
        format_name=name, paths=(path,), account="acme", context=context
    )
    return asyncio.run(import_into(reporter.settings, request, lambda _: None))


@pytest.mark.parametrize("name", FILES)
def test_what_is_sent_is_what_the_import_would_have_made_of_it(
    reporter: Reporter, name: str
) -> None:
    file_name, query, count = FILES[name]
    answer = send(reporter, name + query, (SAMPLES / file_name).read_bytes())
    told = {**NOTHING, "read": count, "new": count, "rejections": []}
    assert (answer.status_code, answer.json()) == (200, told)
    counts = import_file(reporter, name, query).counts
    assert (counts.unchanged, counts.new, counts.updated) == (count, 0, 0)
    assert verify(reporter.settings) == []


def test_a_body_sent_again_changes_nothing_and_an_older_one_neither(
    reporter: Reporter,
) -> None:
    newer = make_report("a", updatedAt="2030-01-01T00:00:00Z")
    first = send(reporter, "ndjson", to_lines(newer, make_report("b"))).json()
    again = send(reporter, "ndjson", to_lines(newer, make_report("a"))).json()
    assert (first["new"], again["new"], again["unchanged"]) == (2, 0, 2)


def test_a_list_of_documents_is_a_body_too(reporter: Reporter) -> None:
    body = json.dumps([make_report("a"), make_report("b")]).encode()
    answer = send(reporter, "ndjson", body, content_type="application/json")
    assert answer.json()["new"] == 2


def test_an_empty_body_holds_nothing(reporter: Reporter) -> None:
    assert send(reporter, "ndjson", b"").json() == {**NOTHING, "rejections": []}


def test_what_cannot_be_written_is_told_with_line_and_reason(
    reporter: Reporter,
) -> None:
    body = to_lines(make_report("a"), make_report("b", total=-1)) + b"{oops\n"
    body += to_lines(make_report("c"), make_report("d", colour="red"))
    answer = send(reporter, "ndjson", body).json()
    assert (answer["read"], answer["new"], answer["rejected"]) == (5, 2, 3)
    lines = [each["line"] for each in answer["rejections"]]
    reasons = [each["reason"] for each in answer["rejections"]]
    assert lines == [2, 3, 5]
    assert reasons[0] == "total is -1; right is an integer from 0 to 2147483647"
    assert reasons[1].startswith("the document is no JSON")
    assert reasons[2].startswith("colour is no field of a job")


def test_of_many_rejections_the_first_are_told_and_all_are_counted(
    reporter: Reporter,
) -> None:
    answer = send(reporter, "ndjson", b"{oops\n" * 250).json()
    assert (answer["read"], answer["rejected"]) == (250, 250)
    assert [each["line"] for each in answer["rejections"]] == list(range(1, 101))


def test_the_project_of_jobs_that_name_none_can_be_given(reporter: Reporter) -> None:
    body = to_lines(make_report("a"), make_report("b", projectId=9))
    send(reporter, "ndjson?project=7", body)
    assert read_projects(reporter) == {"a": 7, "b": 9}


def test_a_key_of_a_project_writes_to_that_project_alone(reporter: Reporter) -> None:
    send(reporter, "ndjson", to_lines(make_report("taken", projectId=9)))
    seven = reporter.with_key(project_id=7)
    newer = make_report("taken", updatedAt="2030-01-01T00:00:00Z")
    body = to_lines(make_report("a"), newer, make_report("b", projectId=9))
    answer = send(seven, "ndjson?project=7", body).json()
    assert (answer["read"], answer["new"], answer["rejected"]) == (3, 1, 2)
    assert answer["rejections"] == [
        {
            "line": 2,
            "reason": (
                "the account has a job of this jobIdentifier outside of the project of"
                " the credential; give the job another"
            ),
        },
        {
            "line": 3,
            "reason": (
                "projectId is 9; right is 7, the project of the credential, or none"
            ),
        },
    ]
    assert read_projects(reporter) == {"taken": 9, "a": 7}


def test_the_account_is_the_credential_s(reporter: Reporter) -> None:
    body = to_lines(make_report("a", accountIdentifier="globex"))
    send(reporter.with_key("initech"), "ndjson", body)
    assert read_projects(reporter) == {}
    assert read_projects(reporter.with_key("globex")) == {}
    assert read_projects(reporter.with_key("initech")) == {"a": None}


REFUSED: Mapping[str, tuple[str, int, str, str]] = {
    "no format": ("modzzy", 404, "NOT_FOUND", "'modzzy' is no format; did you mean"),
    "an option": ("swf?color=1", 400, "BAD_USER_INPUT", "'color' is no option; the"),
    "twice": ("swf?project=1&project=1", 400, "BAD_REQUEST", "the URL has project twi"),
    "a project": ("swf?project=x", 400, "BAD_USER_INPUT", "project is 'x'; give a wh"),
    "a large project": (
        "swf?project=9223372036854775808",
        400,
        "BAD_USER_INPUT",
        "the project must be a whole number from 0 to 9223372036854775807",
    ),
    "a zone": (
        "sharedcloud?timeZone=Mars",
        400,
        "BAD_USER_INPUT",
        "timeZone: 'Mars' is no IANA time zone",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_with_the_address_is_said(
    reporter: Reporter, case: tuple[str, int, str, str]
) -> None:
    path, status, code, message = case
    answer = send(reporter, path, to_lines(make_report("a")))
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (status, code)
    assert error["message"].startswith(message)
    assert read_projects(reporter) == {}


def test_another_project_than_the_key_s_is_forbidden(reporter: Reporter) -> None:
    answer = send(reporter.with_key(project_id=7), "swf?project=9", b"")
    message = "project is 9; right is 7, the project of the credential"
    assert answer.json()["errors"][0]["message"] == message
    assert answer.status_code == 403


def test_who_may_not_write_is_told_the_scope(reporter: Reporter) -> None:
    answer = send(reporter.with_key(scopes=["jobs:read"]), "ndjson", b"")
    (error,) = answer.json()["errors"]
    assert answer.status_code == 403
    assert error["message"] == (
        "/ingest/ndjson needs the scope jobs:write; the credential has jobs:read"
    )
    assert error["extensions"]["requiredScopes"] == ["jobs:write"]


def test_a_body_of_another_format_is_refused_in_the_words_of_the_import(
    reporter: Reporter,
) -> None:
    answer = send(reporter, "modzy", (SAMPLES / "small.swf").read_bytes())
    (error,) = answer.json()["errors"]
    assert (answer.status_code, answer.json()["read"]) == (400, 0)
    assert error["message"].startswith("the file looks like a workload log (swf)")


def test_other_methods_are_not_answered(reporter: Reporter) -> None:
    answer = reporter.client.get("/ingest/swf", headers={"x-api-key": reporter.key})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


HEADERS: Mapping[str, tuple[dict[str, str], str]] = {
    "a form": (
        {"content_type": "application/x-www-form-urlencoded"},
        "content-type is 'application/x-www-form-urlencoded'; right are application/js",
    ),
    "text": ({"content_type": "text/plain"}, "content-type is 'text/plain'; right are"),
    "no type": ({"content_type": ""}, "content-type is missing; right are"),
    "brotli": ({"content_encoding": "br"}, "content-encoding 'br' is not read; send"),
}


@pytest.mark.parametrize("case", HEADERS.values(), ids=HEADERS)
def test_a_body_is_of_a_type_that_no_plain_form_can_send(
    reporter: Reporter, case: tuple[dict[str, str], str]
) -> None:
    headers, message = case
    answer = send(reporter, "ndjson", to_lines(make_report("a")), **headers)
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["message"].startswith(message)


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 200), ("cross-site", 401)]
)
def test_a_cookie_vouches_only_for_the_gateway_s_own_page(
    reporter: Reporter, site: str, status: int
) -> None:
    token = make_token(make_claims(scope="jobs:write"))
    headers = {"cookie": f"jwt={token}", "sec-fetch-site": site, "content-type": NDJSON}
    body = to_lines(make_report("a"))
    answer = reporter.client.post("/ingest/ndjson", content=body, headers=headers)
    assert (answer.status_code, len(read_projects(reporter))) == (status, status == 200)


def test_a_packed_body_is_unpacked(reporter: Reporter) -> None:
    lines = to_lines(*(make_report(f"job-{at}") for at in range(30)))
    body = gzip.compress(lines[:999]) + gzip.compress(lines[999:])
    assert send(reporter, "ndjson", body, content_encoding="gzip").json()["new"] == 30


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda body: body[:-9], "the gzip data ends early; send all of it"),
        (lambda body: body[:-8] + bytes(8), "the gzip data is broken: "),
        (lambda _: b"{}", "the gzip data is broken: "),
    ],
    ids=["cut", "broken", "none"],
)
def test_a_packed_body_that_is_broken_is_refused(
    reporter: Reporter,
    change: Callable[[bytes], bytes],
    message: str,
) -> None:
    body = change(gzip.compress(to_lines(make_report("a"))))
    answer = send(reporter, "ndjson", body, content_encoding="gzip")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"].startswith(message)


@pytest.mark.parametrize("form", ["whole", "streamed", "packed"])
def test_a_body_that_is_too_large_is_refused(reporter: Reporter, form: str) -> None:
    lines = to_lines(make_report("a"), make_report("b", label="x" * 100_000))
    headers = {"content_encoding": "gzip"} if form == "packed" else {}
    packed = gzip.compress(lines) if form == "packed" else lines
    answer = send(
        reporter, "ndjson", iter([packed]) if form == "streamed" else packed, **headers
    )
    assert answer.status_code == 413
    message = "the body has more than 100000 bytes; send it in parts"
    assert answer.json()["errors"][0]["message"] == message
