"""What clients of Edge Impulse Studio ask of a project's jobs, and are told."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from gateway.dialects.residue import JsonObject
from gateway.records import JobSource, JobStatus, JsonValue
from gateway.settings import read_settings
from tests.factories import NOON, make_job
from tests.features.clients import to_body
from tests.features.rest import PROJECT, RestGateway, open_rest

PATH = f"/v1/api/{PROJECT}/jobs"
YEAR = "startDate=2024-01-01T00:00:00Z&endDate=2025-01-01T00:00:00Z"
ADA: JsonObject = {"id": 5, "username": "ada", "name": "Ada Byron", "photo": "ada.png"}
LINES: list[JsonValue] = [
    {"created": "2024-03-01T09:00:01Z", "data": "plain\n"},
    {"created": "2024-03-01T09:00:02Z", "data": "gone wrong\n", "logLevel": "error"},
    {"created": "2024-03-01T09:00:03Z", "data": "detail\n", "logLevel": "debug"},
]
JOBS: list[JsonObject] = [
    {
        "id": 1,
        "category": "Training model",
        "key": "keras-1",
        "created": "2024-03-01T09:00:00Z",
        "started": "2024-03-01T09:00:00Z",
        "finished": "2024-03-01T09:01:00Z",
        "finishedSuccessful": True,
        "createdByUser": ADA,
        "stdout": LINES,
    },
    {
        "id": 2,
        "category": "Deploying",
        "key": "keras-2",
        "created": "2024-03-02T09:00:00Z",
        "started": "2024-03-02T09:00:00Z",
        "finished": "2024-03-02T09:00:30Z",
        "finishedSuccessful": False,
        "stdout": "one\ntwo",
    },
    {
        "id": 3,
        "category": "Training model",
        "key": "keras-1",
        "created": "2024-03-03T09:00:00Z",
        "started": "2026-03-03T09:00:00Z",
    },
    {"id": 4, "key": "waits", "created": "2024-03-04T09:00:00.500Z"},
]


@pytest.fixture(scope="module")
def gateway(shared_url: str) -> Iterator[RestGateway]:
    with open_rest(read_settings(database_url=shared_url)) as opened:
        opened.put("edge-impulse", JOBS)
        opened.put("edge-impulse", [{**JOBS[0], "id": 9}], project_id=PROJECT + 1)
        opened.put("modzy", [{"jobIdentifier": "1", "createdAt": "2024-03-01T09:00Z"}])
        yield opened


@pytest.fixture(scope="module")
def key(gateway: RestGateway) -> dict[str, str]:
    return gateway.make_key()


def read_ids(gateway: RestGateway, path: str, key: dict[str, str]) -> list[int]:
    """Give the ids of a list."""
    answer: Any = gateway.read(path, key)
    assert answer["success"] is True
    return [job["id"] for job in answer["jobs"]]


# Each with the ids of its jobs, in order.
LISTS: Mapping[str, tuple[str, list[int]]] = {
    "active": ("", [4, 3]),
    "one of the active": ("?limit=1", [4]),
    "the next of the active": ("?limit=1&offset=1", [3]),
    "history": ("/history", [2, 1]),
    "all": ("/all", [4, 3, 2, 1]),
    "parents": ("?rootOnly=True", [4, 3]),
    "unknown parameters": ("/all?sort=id", [4, 3, 2, 1]),
    "empty parameters": ("/all?category=&key=", [4, 3, 2, 1]),
    "a limit": ("/all?limit=2", [4, 3]),
    "an offset": ("/all?limit=2&offset=1", [3, 2]),
    "an offset behind the end": ("/all?offset=4", []),
    "a large offset": (f"/all?offset={2**63 - 1}", []),
    "a key": ("/all?key=keras-1", [3, 1]),
    "an unknown key": ("/all?key=keras", []),
    "a NUL": ("/all?key=%00", []),
    "a category": ("/all?category=Training+model", [3, 1]),
    "success": ("/all?finished=successful", [1]),
    "failure": ("/all?finished=Failed", [2]),
    "either": ("/all?finished=all", [2, 1]),
    "both ends": ("/all?startDate=2024-03-02T09:00:00Z&endDate=2024-03-03", [2]),
    "a start": ("/history?startDate=2024-03-02", [2]),
    "a plus that came bare": ("/all?startDate=2024-03-04T14:30:00.5+05:30", [4]),
    "an encoded plus": ("/all?startDate=2024-03-04T14:30:00.5%2B05:30", [4]),
    "no offset": ("/all?startDate=2024-03-04T09:00:00.500001", []),
    "half past": ("/all?startDate=2024-03-04 09:00", [4]),
}


@pytest.mark.parametrize(("rest", "ids"), LISTS.values(), ids=LISTS)
def test_a_list_has_the_jobs_that_are_asked_for(
    gateway: RestGateway, key: dict[str, str], rest: str, ids: list[int]
) -> None:
    assert read_ids(gateway, f"{PATH}{rest}", key) == ids


def test_pages_of_active_jobs_have_each_of_them_once(gateway: RestGateway) -> None:
    waiting = [{**JOBS[3], "id": number} for number in range(3)]
    gateway.put("edge-impulse", waiting, account="queue")
    key = gateway.make_key("queue")
    pages = [
        read_ids(gateway, f"{PATH}?limit=1&offset={offset}", key) for offset in range(4)
    ]
    assert pages == [[2], [1], [0], []]


@pytest.mark.parametrize("rest", ["", "?limit=1", "?limit=2&offset=2", "?offset=9"])
def test_a_list_tells_how_many_there_are_in_all(
    gateway: RestGateway, key: dict[str, str], rest: str
) -> None:
    answer: Any = gateway.read(f"{PATH}/all{rest}", key)
    assert answer["totalJobCount"] == 4


def test_a_list_leaves_out_what_jobs_printed(
    gateway: RestGateway, key: dict[str, str]
) -> None:
    answer: Any = gateway.read(f"{PATH}/history", key)
    assert answer["jobs"] == [
        {k: v for k, v in job.items() if k != "stdout"} for job in (JOBS[1], JOBS[0])
    ]


def test_a_job_is_told_whole(gateway: RestGateway, key: dict[str, str]) -> None:
    answer = gateway.read(f"{PATH}/1/status", key)
    assert answer == {"success": True, "job": JOBS[0]}


@pytest.mark.parametrize(
    ("scopes", "names"),
    [
        (("jobs:read",), {"id", "username"}),
        (("jobs:read", "email"), {"id", "username"}),
        (("jobs:read", "profile"), {"id", "username", "name", "photo"}),
        (("admin",), {"id", "username", "name", "photo"}),
    ],
    ids=["none", "email", "profile", "admin"],
)
@pytest.mark.parametrize("rest", ["/history", "/1/status"])
def test_people_are_told_of_as_far_as_the_scopes_reach(
    gateway: RestGateway, scopes: tuple[str, ...], names: set[str], rest: str
) -> None:
    answer: Any = gateway.read(f"{PATH}{rest}", gateway.make_key(scopes=scopes))
    job = answer["job"] if "job" in answer else answer["jobs"][-1]
    assert set(job["createdByUser"]) == names


def test_the_summary_is_that_of_graphql(
    gateway: RestGateway, key: dict[str, str]
) -> None:
    answer: Any = gateway.read(f"{PATH}/summary?{YEAR}", key)
    assert answer == {
        "success": True,
        "summary": [
            {"category": "Training model", "lengthMs": 60_000},
            {"category": "Deploying", "lengthMs": 30_000},
        ],
    }
    query = f"""{{ usageSummary(projectId: {PROJECT}, startDate: "2024-01-01T00:00:00Z",
        endDate: "2025-01-01T00:00:00Z") {{ summary {{ category lengthMs }} }} }}"""
    told = gateway.client.post("/graphql", json=to_body(query), headers=key).json()
    assert told["data"]["usageSummary"]["summary"] == answer["summary"]


def test_the_summary_counts_the_part_inside_its_window(
    gateway: RestGateway, key: dict[str, str]
) -> None:
    window = "startDate=2024-03-01T09:00:15+00:00&endDate=2024-03-02T09:00:10.25+00:00"
    answer: Any = gateway.read(f"{PATH}/summary?{window}", key)
    assert [each["lengthMs"] for each in answer["summary"]] == [45_000, 10_250]


def test_the_summary_has_no_jobs_of_other_sources(gateway: RestGateway) -> None:
    gateway.put("edge-impulse", [JOBS[1]], account="mixed")
    swf = make_job(
        source=JobSource.SWF,
        project_id=PROJECT,
        category="Deploying",
        status=JobStatus.COMPLETED,
        created_at=NOON.replace(year=2024),
        started_at=NOON.replace(year=2024),
        elapsed_ms=1_000,
    )
    gateway.put_records(swf, account="mixed")
    answer: Any = gateway.read(f"{PATH}/summary?{YEAR}", gateway.make_key("mixed"))
    assert answer["summary"] == [{"category": "Deploying", "lengthMs": 30_000}]


def test_a_category_that_is_unknown_is_empty(gateway: RestGateway) -> None:
    job = {key: value for key, value in JOBS[1].items() if key != "category"}
    gateway.put("edge-impulse", [job], account="plain")
    answer: Any = gateway.read(f"{PATH}/summary?{YEAR}", gateway.make_key("plain"))
    assert answer["summary"] == [{"category": "", "lengthMs": 30_000}]


@pytest.mark.parametrize(
    ("rest", "lines", "total"),
    [
        ("1/stdout", LINES, 3),
        ("1/stdout?limit=2", LINES[1:], 3),
        ("1/stdout?logLevel=info", LINES[:2], 2),
        ("1/stdout?logLevel=ERROR", LINES[1:2], 1),
        (
            "2/stdout",
            [
                {"created": "2024-03-02T09:00:30Z", "data": "one\n"},
                {"created": "2024-03-02T09:00:30Z", "data": "two"},
            ],
            2,
        ),
        ("3/stdout", [], 0),
    ],
    ids=str,
)
def test_the_lines_that_a_job_printed_are_told(
    gateway: RestGateway,
    key: dict[str, str],
    rest: str,
    lines: list[JsonValue],
    total: int,
) -> None:
    answer = gateway.read(f"{PATH}/{rest}", key)
    assert answer == {"success": True, "stdout": lines, "totalCount": total}


def test_lines_can_be_downloaded(gateway: RestGateway, key: dict[str, str]) -> None:
    path = f"{PATH}/1/stdout/download?limit=2"
    answer = gateway.client.get(path, headers=key)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == "gone wrong\ndetail\n"


# Each with what its error must name.
MISTAKES: Mapping[str, tuple[str, str]] = {
    "an unknown job": ("/77/status", "no job '77' in project 7"),
    "another project's job": ("/9/status", "no job '9'"),
    "lines of an unknown job": ("/77/stdout", "no job '77'"),
    "no dates": ("/summary", "startDate is missing"),
    "one date": ("/summary?startDate=2024-01-01", "endDate is missing"),
    "a wrong date": ("/history?startDate=yesterday", "startDate is 'yesterday'"),
    "dates turned round": (
        "/all?startDate=2024-02-01&endDate=2024-01-01",
        "startDate is after endDate",
    ),
    "a window turned round": (
        "/summary?startDate=2024-02-01&endDate=2024-01-01",
        "startDate is after endDate",
    ),
    "a date beyond the years": ("/all?endDate=9999-12-31T23:59:59-14:00", "endDate"),
    "no limit": ("/all?limit=0", "an integer from 1 to 1000"),
    "a limit too large": ("/all?limit=1001", "an integer from 1 to 1000"),
    "an empty limit": ("/all?limit=", "limit is ''; give an integer"),
    "a limit of letters": ("/all?limit=ten", "limit is 'ten'"),
    "two limits": ("/all?limit=1&limit=2", "limit is given twice"),
    "an offset below": ("/all?offset=-1", "offset is '-1'"),
    "an offset too large": (f"/all?offset={2**63}", "offset is"),
    "a wrong flag": ("?rootOnly=maybe", "give true or false"),
    "a wrong finish": ("/all?finished=soon", "give successful, failed or all"),
    "a wrong level": ("/1/stdout?logLevel=loud", "give error, warn, info or debug"),
    "no UTF-8": ("/all?key=%ff", "not UTF-8"),
    "many parameters": ("/all?" + "a=1&" * 60, "more than 50 parameters"),
    "a long query": ("/all?key=" + "a" * 9_000, "give at most 8192"),
}


@pytest.mark.parametrize(("rest", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_a_success(
    gateway: RestGateway, key: dict[str, str], rest: str, told: str
) -> None:
    answer: Any = gateway.read(f"{PATH}{rest}", key)
    assert answer.keys() == {"success", "error"}
    assert answer["success"] is False
    assert told in answer["error"]


@pytest.mark.parametrize("project", ["{projectId}", "x", "-1", str(2**63)])
def test_a_project_that_is_no_number_is_a_mistake(
    gateway: RestGateway, key: dict[str, str], project: str
) -> None:
    answer: Any = gateway.read(f"/v1/api/{project}/jobs", key)
    assert answer["error"].startswith(f"projectId is {project!r}")


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "ei_bad"}], ids=["none", "bad"])
def test_without_a_credential_the_status_tells_too(
    gateway: RestGateway, headers: dict[str, str]
) -> None:
    answer = gateway.client.get(PATH, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["success"] is False
    assert 'ApiKey realm="job-gateway"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("rest", "scope"), [("", "jobs:read"), (f"/summary?{YEAR}", "usage:read")]
)
def test_a_scope_that_is_missing_is_named(
    gateway: RestGateway, rest: str, scope: str
) -> None:
    answer = gateway.client.get(
        f"{PATH}{rest}", headers=gateway.make_key(scopes=("email",))
    )
    assert answer.status_code == 403
    assert f"needs the scope {scope}" in answer.json()["error"]
    assert f'scope="{scope}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1", 404),
        ("GET", "/v1/api/7/models", 404),
        ("POST", f"{PATH}/1/cancel", 404),
        ("POST", PATH, 405),
        ("DELETE", f"{PATH}/1/status", 405),
    ],
)
def test_what_is_not_there_is_refused_in_the_same_manner(
    gateway: RestGateway, key: dict[str, str], method: str, path: str, status: int
) -> None:
    answer = gateway.client.request(method, path, headers=key)
    assert answer.status_code == status
    assert answer.json().keys() == {"success", "error"}
    assert ("allow" in answer.headers) == (status == 405)
