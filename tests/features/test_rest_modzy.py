"""What clients of Modzy ask of jobs and models, and are told."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.dialects.residue import JsonObject
from gateway.settings import read_settings
from gateway.web.rest.modzy.answers import MAX_COUNT
from tests.factories import make_job
from tests.features.rest import PROJECT, RestGateway, open_rest

PATH = "/api/jobs/history"
DAY = "2024-03-0{}T09:00:00.000+00:00"
ADA: JsonObject = {
    "identifier": "u-1",
    "externalIdentifier": "ext-1",
    "firstName": "Ada",
    "lastName": "Byron",
    "email": "countess@example.org",
    "status": "active",
    "title": "Countess",
    "accessKeys": [{"prefix": "k1", "isDefault": True}],
}
JOBS: list[JsonObject] = [
    {
        "jobIdentifier": "a",
        "submittedBy": "Key1",
        "model": {"identifier": "ed54", "version": "1.0.1", "name": "Sentiment"},
        "user": ADA,
        "status": "COMPLETED",
        "createdAt": DAY.format(1),
        "updatedAt": DAY.format(9),
        "submittedAt": DAY.format(1),
        "total": 3,
        "completed": 2,
        "failed": 1,
        "queueTime": 1_000,
        "elapsedTime": 1_000,
        "jobInputs": [{"identifier": "first"}, {"identifier": "second"}],
    },
    {
        "jobIdentifier": "b",
        "submittedBy": "key2",
        "model": {"identifier": "ed54", "version": "1.0.10", "name": "Sentiment"},
        "user": {"identifier": "u-2", "firstName": "Grace"},
        "status": "ERROR",
        "createdAt": DAY.format(2),
        "updatedAt": DAY.format(2),
        "submittedAt": DAY.format(2),
        "total": 1,
        "elapsedTime": 1_000,
        "queueTime": 0,
    },
    {
        "jobIdentifier": "c",
        "model": {"identifier": "0aa1", "version": "1.0.2", "name": "Objects 100%"},
        "status": "IN_PROGRESS",
        "createdAt": DAY.format(3),
        "updatedAt": DAY.format(4),
        "total": 2,
    },
    {
        "jobIdentifier": "d",
        "status": "TIMEDOUT",
        "createdAt": DAY.format(4),
        "updatedAt": DAY.format(5),
    },
    {
        "jobIdentifier": "e",
        "status": "NEW_WORD",
        "createdAt": DAY.format(5),
        "updatedAt": DAY.format(6),
    },
]
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
def gateway(shared_url: str) -> Iterator[RestGateway]:
    with open_rest(read_settings(database_url=shared_url)) as opened:
        opened.put("modzy", JOBS)
        opened.put("sharedcloud", [SHARED])
        yield opened


SHARED: JsonObject = {
    "uuid": "s",
    "created_at": "01-03-2024 09:00:00",
    "function_name": "mnist",
}


@pytest.fixture(scope="module")
def key(gateway: RestGateway) -> dict[str, str]:
    return gateway.make_key()


def read_ids(gateway: RestGateway, rest: str, key: dict[str, str]) -> str:
    """Give the identifiers of a page, in order."""
    answer: Any = gateway.read(f"{PATH}{rest}", key)
    return "".join(job["jobIdentifier"] for job in answer)


# Each with the identifiers of its jobs, in order.
PAGES: Mapping[str, tuple[str, str]] = {
    "nothing": ("", "abcde"),
    "all": ("?status=all", "abcde"),
    "ALL": ("?status=ALL", "abcde"),
    "pending": ("?status=pending", "c"),
    "TERMINATED": ("?status=TERMINATED&direction=desc", "dba"),
    "timedout": ("?status=timedout", "d"),
    "with error": ("?status=TERMINATED_WITH_ERROR", "bd"),
    "a status": ("?status=COMPLETED", "a"),
    "either": ("?status=COMPLETED,pending", "ac"),
    "either by repetition": ("?status=COMPLETED&status=pending", "ac"),
    "both": ("?status=terminated;timedout", "d"),
    "what cannot be": ("?status=COMPLETED;pending", ""),
    "a waiting one": ("?status=SUBMITTED,OPEN", ""),
    "a model": ("?model=sent", "ab"),
    "a model by its identifier": ("?model=0AA", "c"),
    "a model by its version": ("?model=1.0.1", "a"),
    "either model": ("?model=objects,1.0.10", "bc"),
    "a model that is both": ("?model=sentiment;1.0.10", "b"),
    "a model with a sign of patterns": ("?model=100%25", "c"),
    "another sign": ("?model=s_ntiment", ""),
    "a user": ("?user=ada", "a"),
    "a user by the last name": ("?user=BYR", "a"),
    "a user by the address": ("?user=example.org", "a"),
    "a user by the identifier": ("?user=u-", "ab"),
    "a key": ("?accessKey=key1", "a"),
    "a part of a key": ("?accessKey=key", "ab"),
    "a whole key": ("?accessKey=key2.body", "b"),
    "nothing but commas": ("?model=,;&user=&status=", "abcde"),
    "a NUL": ("?model=%00", ""),
    "a start": (f"?startDate={DAY.format(2)}", "bcde"),
    "an end": (f"?startDate={DAY.format(1)}&endDate=2024-03-01T09:00:02", "a"),
    "an end too early": (f"?startDate={DAY.format(1)}&endDate=2024-03-01T09:00:01", ""),
    "an offset without colon": ("?startDate=2024-03-03T10:00:00.0%2B0100", "cde"),
    "newest first": ("?direction=DESC", "edcba"),
    "by update": ("?sort-by=updatedAt&direction=desc", "aedcb"),
    "by submission": ("?sort-by=submittedAt&direction=asc", "abcde"),
    "by model": ("?sort-by=model", "decab"),
    "by two": ("?sort-by=model,updatedAt", "decba"),
    "by total": ("?sort-by=total&direction=desc", "acbed"),
    "by key": ("?sort-by=submittedBy", "cdeab"),
    "by identifier": ("?sort-by=identifier&direction=desc", "edcba"),
    "by failure": ("?sort-by=fail&direction=desc&per-page=1", "a"),
    "by status": ("?sort-by=status", "abced"),
    "by the same twice": ("?sort-by=createdAt,createdAt&direction=desc", "edcba"),
    "a page": ("?per-page=2", "ab"),
    "the next page": ("?per-page=2&page=2", "cd"),
    "a page behind the last": ("?per-page=2&page=9", ""),
    "unknown parameters": ("?foo=bar", "abcde"),
}


@pytest.mark.parametrize(("rest", "identifiers"), PAGES.values(), ids=PAGES)
def test_a_page_has_the_jobs_that_are_asked_for(
    gateway: RestGateway, key: dict[str, str], rest: str, identifiers: str
) -> None:
    assert read_ids(gateway, rest, key) == identifiers


ORIGIN = f"http://testserver{PATH}"


@pytest.mark.parametrize(
    ("rest", "links"),
    [
        ("", "first=1 last=1"),
        ("?per-page=2", "first=1 next=2 last=3"),
        ("?per-page=2&page=2", "first=1 prev=1 next=3 last=3"),
        ("?per-page=2&page=3", "first=1 prev=2 last=3"),
        ("?per-page=2&page=9", "first=1 prev=8"),
        ("?per-page=1&page=5", "first=1 prev=4 last=5"),
        ("?model=nothing", "first=1"),
    ],
    ids=str,
)
def test_a_page_links_to_those_around_it(
    gateway: RestGateway, key: dict[str, str], rest: str, links: str
) -> None:
    answer = gateway.client.get(f"{PATH}{rest}", headers=key)
    found = {rel: link["url"] for rel, link in answer.links.items()}
    pages = {rel: url.rpartition("page=")[2] for rel, url in found.items()}
    assert " ".join(f"{rel}={page}" for rel, page in pages.items()) == links
    assert all(url.startswith(f"{ORIGIN}?") for url in found.values())


def test_links_keep_the_other_parameters(
    gateway: RestGateway, key: dict[str, str]
) -> None:
    rest = "?status=all&model=sent%2C100%25&per-page=1"
    seen = ""
    url: str | None = f"{PATH}{rest}"
    while url is not None:
        answer = gateway.client.get(url, headers=key)
        seen += "".join(job["jobIdentifier"] for job in answer.json())
        url = answer.links.get("next", {}).get("url")
    assert seen == "abc"


def test_a_long_history_does_not_tell_its_last_page(gateway: RestGateway) -> None:
    key = gateway.make_key("long")
    told = []
    for jobs in (MAX_COUNT, 1):
        gateway.put_records(*(make_job() for _ in range(jobs)), account="long")
        links = gateway.client.get(PATH, headers=key).links
        told.append((links["next"]["rel"], "last" in links))
    assert told == [("next", True), ("next", False)]


def test_a_job_is_told_whole(gateway: RestGateway, key: dict[str, str]) -> None:
    assert gateway.read("/api/jobs/a", key) == JOBS[0]


SEEN = {"identifier", "externalIdentifier", "status", "title"}


@pytest.mark.parametrize(
    ("scopes", "names"),
    [
        ((), SEEN),
        (("email",), SEEN | {"email"}),
        (("profile",), set(ADA) - {"email"}),
        (("admin",), set(ADA)),
    ],
    ids=["none", "email", "profile", "admin"],
)
@pytest.mark.parametrize("path", ["/api/jobs/a", PATH])
def test_people_are_told_of_as_far_as_the_scopes_reach(
    gateway: RestGateway, scopes: tuple[str, ...], names: set[str], path: str
) -> None:
    answer: Any = gateway.read(path, gateway.make_key(scopes=("jobs:read", *scopes)))
    job = answer[0] if isinstance(answer, list) else answer
    assert set(job["user"]) == names


@pytest.mark.parametrize(
    ("scopes", "found"),
    [
        ((), {"u-1"}),
        (("email",), {"u-1", "countess@"}),
        (("profile",), {"u-1", "Ada", "Byron"}),
        (("admin",), {"u-1", "Ada", "Byron", "countess@"}),
    ],
    ids=["none", "email", "profile", "admin"],
)
def test_people_are_found_as_far_as_the_scopes_reach(
    gateway: RestGateway, scopes: tuple[str, ...], found: set[str]
) -> None:
    key = gateway.make_key(scopes=("jobs:read", *scopes))
    words = ("u-1", "Ada", "Byron", "countess@")
    assert {word for word in words if read_ids(gateway, f"?user={word}", key)} == found


def test_models_are_those_that_jobs_name(
    gateway: RestGateway, key: dict[str, str]
) -> None:
    assert gateway.read("/api/models", key) == [
        {"modelId": "0aa1", "latestVersion": "1.0.2", "versions": ["1.0.2"]},
        {"modelId": "ed54", "latestVersion": "1.0.10", "versions": ["1.0.10", "1.0.1"]},
    ]


def test_there_is_no_hardware_to_choose(
    gateway: RestGateway, key: dict[str, str]
) -> None:
    assert gateway.read("/api/models/requirements/account", key) == []


# Each with what its message must name.
MISTAKES: Mapping[str, tuple[str, str]] = {
    "an end alone": ("?endDate=2024-01-01", "endDate is given alone"),
    "a start to come": (f"?startDate={TOMORROW}", "startDate is in the future"),
    "dates turned round": (
        "?startDate=2024-02-01&endDate=2024-01-01",
        "endDate is before startDate",
    ),
    "a wrong date": ("?startDate=now", "startDate is 'now'"),
    "a wrong status": ("?status=DONE", "status is 'DONE'; give ALL, PENDING"),
    "a wrong order": ("?sort-by=createdat", "sort-by is 'createdat'"),
    "an order among others": ("?sort-by=total,size", "sort-by is 'total,size'"),
    "a wrong direction": ("?direction=up", "give asc or desc"),
    "page 0": ("?page=0", "page is '0'"),
    "two pages": ("?page=1&page=2", "page is given twice"),
    "a large page": (f"?page={2**40}", "page is"),
    "a page too large": ("?per-page=1001", "an integer from 1 to 1000"),
    "no page": ("?per-page=0", "an integer from 1 to 1000"),
    "many words": ("?model=" + "a," * 60, "more than 50 values"),
}


@pytest.mark.parametrize(("rest", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_a_bad_request(
    gateway: RestGateway, key: dict[str, str], rest: str, told: str
) -> None:
    answer = gateway.client.get(f"{PATH}{rest}", headers=key)
    body = answer.json()
    assert (answer.status_code, body["statusCode"]) == (400, 400)
    assert (body["status"], body["reportErrorUrl"]) == ("BAD_REQUEST", "")
    assert told in body["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/jobs/unknown", 404),
        ("GET", "/api/jobs/s", 404),
        ("GET", "/api", 404),
        ("GET", "/api/jobs/a/results", 404),
        ("POST", "/api/jobs/a", 405),
        ("POST", PATH, 405),
    ],
)
def test_what_is_not_there_is_refused(
    gateway: RestGateway, key: dict[str, str], method: str, path: str, status: int
) -> None:
    answer = gateway.client.request(method, path, headers=key)
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize("path", [PATH, "/api/jobs/a", "/api/models"])
@pytest.mark.parametrize(
    ("scopes", "status", "word"),
    [(None, 401, "UNAUTHORIZED"), (("usage:read",), 403, "FORBIDDEN")],
    ids=["none", "another scope"],
)
def test_who_may_not_ask_is_refused(
    gateway: RestGateway,
    path: str,
    scopes: tuple[str, ...] | None,
    status: int,
    word: str,
) -> None:
    headers = {} if scopes is None else gateway.make_key(scopes=scopes)
    answer = gateway.client.get(path, headers=headers)
    body = answer.json()
    assert (answer.status_code, body["statusCode"]) == (status, status)
    assert body["status"] == word


def test_a_key_of_a_project_sees_its_jobs_alone(gateway: RestGateway) -> None:
    gateway.put("modzy", JOBS[:2], account="two")
    other: JsonObject = {
        "jobIdentifier": "x",
        "createdAt": DAY.format(1),
        "model": {"name": "x"},
    }
    gateway.put("modzy", [other], account="two", project_id=PROJECT + 1)
    key = gateway.make_key("two", project_id=PROJECT + 1)
    assert read_ids(gateway, "?sort-by=updatedAt", key) == "x"
    assert gateway.read("/api/models", key) == [
        {"modelId": "x", "latestVersion": None, "versions": []}
    ]
