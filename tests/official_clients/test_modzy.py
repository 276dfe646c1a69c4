"""Modzy's clients for Python and Node, unmodified, at a served gateway."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.official_clients.callers import Caller, calling_node, calling_python
from tests.official_clients.documents import Document, make_documents
from tests.official_clients.serving import Site, serving

DOCUMENTS = make_documents("modzy")
# The body of a key is never kept.
JOBS = [
    job | {"submittedBy": job["submittedBy"].partition(".")[0]} for job in DOCUMENTS
]
SAMPLE = JOBS[0]
PENDING = {"OPEN", "SUBMITTED", "IN_PROGRESS"}
TERMINATED = {"COMPLETED", "CANCELED", "TIMEDOUT", "ERROR"}
UNKNOWN_KEY = "nobody.secret"
UNKNOWN_JOB = "00000000-0000-4000-8000-000000000000"

Is = Callable[[Document], bool]


@pytest.fixture(scope="module")
async def site(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("modzy")
    async with serving("modzy", DOCUMENTS, sqlite_template, folder) as served:
        yield served


@pytest.fixture(scope="module")
async def python(site: Site) -> AsyncIterator[Caller]:
    async with calling_python(
        "modzy_python", address=f"{site.address}/api", key=site.key
    ) as caller:
        yield caller


@pytest.fixture(scope="module")
async def node(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Caller]:
    given = {"address": f"{site.address}/api", "key": site.key}
    folder = tmp_path_factory.mktemp("modzy-node")
    async with calling_node("modzy_node", folder, **given) as caller:
        yield caller


def to_ids(jobs: list[Document]) -> list[str]:
    return [str(job["jobIdentifier"]) for job in jobs]


def to_oldest(is_meant: Is) -> list[str]:
    """Give the identifiers of some jobs in the order of the default, oldest first."""
    return to_ids([job for job in JOBS if is_meant(job)])


async def test_python_reads_all_jobs_page_by_page(python: Caller) -> None:
    jobs: list[Document] = []
    for page in range(1, len(JOBS)):
        found = await python.call("jobs.get_history", {"page": page, "per_page": 40})
        if not found:
            break
        jobs += found
    assert jobs == JOBS


async def test_node_reads_all_jobs_page_by_page(node: Caller) -> None:
    jobs: list[Document] = []
    for page in range(1, len(JOBS)):
        found = await node.call("getJobHistory", history(page=page, per_page=40))
        if not found:
            break
        jobs += found
    assert jobs == JOBS


def history(**given: object) -> list[object]:
    """Give the arguments of `getJobHistory`, which takes null for what is not given."""
    names = ("user", "access_key", "start_date", "end_date", "model", "status")
    paging = ("page", "per_page", "direction", "sort_by")
    return [given.get(name) for name in (*names, *paging)]


async def test_a_page_has_ten_jobs_unless_told_otherwise(python: Caller) -> None:
    outcome = await python.outcome("jobs.get_history", {})
    assert outcome == {"value": JOBS[:10], "types": ["Job"]}


FILTERS: dict[str, tuple[Document, Is]] = {
    "all": ({"status": "all"}, lambda _: True),
    "ALL": ({"status": "ALL"}, lambda _: True),
    "pending": ({"status": "pending"}, lambda job: job["status"] in PENDING),
    "terminated": ({"status": "terminated"}, lambda job: job["status"] in TERMINATED),
    "timedout": ({"status": "timedout"}, lambda job: job["status"] == "TIMEDOUT"),
    "a status": ({"status": "CANCELED"}, lambda job: job["status"] == "CANCELED"),
    "two statuses": (
        {"status": "CANCELED,ERROR"},
        lambda job: job["status"] in {"CANCELED", "ERROR"},
    ),
    "a model's name": (
        {"model": "Object Detection"},
        lambda job: job["model"]["name"] == "Object Detection",
    ),
    "a key": (
        {"access_key": "ci-Pipeline"},
        lambda job: job["submittedBy"] == "ci-Pipeline",
    ),
    "a user": ({"user": "Byron"}, lambda job: job["user"]["lastName"] == "Byron"),
    "a start": (
        {"start_date": "2026-02-01T00:00:00+00:00"},
        lambda job: job["createdAt"] >= "2026-02-01",
    ),
    "a start with an offset": (
        {"start_date": "2026-02-01T05:30:00+05:30"},
        lambda job: job["createdAt"] >= "2026-02-01",
    ),
    "a start without a zone": (
        {"start_date": "2026-02-01T00:00:00"},
        lambda job: job["createdAt"] >= "2026-02-01",
    ),
    "several": (
        {
            "status": "terminated",
            "model": "Object Detection",
            "start_date": "2026-01-01T00:00:00+00:00",
        },
        lambda job: (
            job["status"] in TERMINATED
            and job["model"]["name"] == "Object Detection"
            and job["createdAt"] >= "2026"
        ),
    ),
}


@pytest.mark.parametrize(("arguments", "is_meant"), FILTERS.values(), ids=FILTERS)
async def test_both_filter_jobs(
    python: Caller, node: Caller, arguments: Document, is_meant: Is
) -> None:
    arguments = {**arguments, "page": 1, "per_page": 300}
    meant = to_oldest(is_meant)
    assert to_ids(await python.call("jobs.get_history", arguments)) == meant != []
    found = await node.call("getJobHistory", history(**arguments))
    assert to_ids(found) == meant


@pytest.mark.parametrize("offset", ["+00:00", "+05:30", "-08:00"])
async def test_an_end_keeps_the_jobs_that_had_ended_by_then(
    python: Caller, offset: str
) -> None:
    start, end = f"2026-01-05T09:00:00{offset}", f"2026-02-20T17:30:00{offset}"
    is_inside = to_window(start, end)
    dates = {"start_date": start, "end_date": end}
    found = await python.call("jobs.get_history", {**dates, "per_page": 300})
    assert to_ids(found) == to_oldest(is_inside) != []


def to_window(start: str, end: str) -> Is:
    """Tell which jobs were created since an instant, and had ended at another."""
    first, last = map(datetime.fromisoformat, (start, end))
    # A job that ended was updated then, and never since.
    return lambda job: (
        job["status"] in TERMINATED
        and datetime.fromisoformat(job["createdAt"]) >= first
        and datetime.fromisoformat(job["updatedAt"]) <= last
    )


SORTED: dict[str, Callable[[Document], Any]] = {
    "identifier": lambda job: job["jobIdentifier"],
    "submittedBy": lambda job: job["submittedBy"],
    "status": lambda job: job["status"],
    "createdAt": lambda job: datetime.fromisoformat(job["createdAt"]),
    "updatedAt": lambda job: datetime.fromisoformat(job["updatedAt"]),
    "submittedAt": lambda job: datetime.fromisoformat(job["submittedAt"]),
    "total": lambda job: job["total"],
    "completed": lambda job: job["completed"],
    "fail": lambda job: job["failed"],
    "model": lambda job: job["model"]["name"],
}


@pytest.mark.parametrize("direction", ["asc", "DESC"])
@pytest.mark.parametrize(("name", "to_key"), SORTED.items(), ids=SORTED)
async def test_jobs_come_in_the_order_that_is_asked_for(
    python: Caller, name: str, to_key: Callable[[Document], Any], direction: str
) -> None:
    arguments = {"sort_by": name, "direction": direction, "per_page": 300}
    found = await python.call("jobs.get_history", arguments)
    keys = [to_key(job) for job in JOBS]
    assert [to_key(job) for job in found] == sorted(keys, reverse=direction == "DESC")


async def test_one_job_has_every_field(python: Caller, node: Caller) -> None:
    outcome = await python.outcome("jobs.get", {"job": SAMPLE["jobIdentifier"]})
    assert outcome == {"value": SAMPLE, "types": "Job"}
    assert await node.call("getJob", [SAMPLE["jobIdentifier"]]) == SAMPLE


async def test_models_are_those_of_the_jobs(python: Caller, node: Caller) -> None:
    meant = {job["model"]["identifier"] for job in JOBS}
    outcome = await python.outcome("models.get_models", {})
    assert {model["modelId"] for model in outcome["value"]} == meant
    assert outcome["types"] == ["Model"]
    assert {model["modelId"] for model in await node.call("getModels")} == meant


async def test_python_finds_the_api_below_an_origin(python: Caller, site: Site) -> None:
    found = await python.call("jobs.get_history", {}, address=site.address)
    assert found == JOBS[:10]


async def test_a_key_that_is_not_known_is_no_key_of_python(python: Caller) -> None:
    outcome = await python.outcome("jobs.get_history", {}, key=UNKNOWN_KEY)
    assert outcome["error"]["class"] == "ValueError"
    assert "the api_key should be a valid key" in outcome["error"]["text"]


async def test_a_key_that_is_good_no_more_is_told_so(
    python: Caller, node: Caller
) -> None:
    outcome = await python.outcome("jobs.get_history", {}, later_key=UNKNOWN_KEY)
    assert outcome["error"]["class"] == "UnauthorizedError"
    assert "key" in outcome["error"]["text"]
    other = await node.outcome("getJobHistory", history(), key=UNKNOWN_KEY)
    assert other["error"] == {
        "class": "ApiError",
        "code": 401,
        "text": outcome["error"]["text"],
    }


async def test_a_job_that_is_not_known_is_not_found(
    python: Caller, node: Caller
) -> None:
    outcome = await python.outcome("jobs.get", {"job": UNKNOWN_JOB})
    assert outcome["error"]["class"] == "NotFoundError"
    assert UNKNOWN_JOB in outcome["error"]["text"]
    other = await node.outcome("getJob", [UNKNOWN_JOB])
    assert (other["error"]["class"], other["error"]["code"]) == ("ApiError", 404)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"end_date": "2026-02-01T00:00:00+00:00"}, "startDate"),
        ({"start_date": "9000-01-01T00:00:00+00:00"}, "startDate"),
        ({"sort_by": "colour"}, "sort-by"),
        ({"direction": "up"}, "direction"),
        ({"status": "asleep"}, "status"),
        ({"page": -1}, "page"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_a_bad_request(
    python: Caller, arguments: Document, reason: str
) -> None:
    outcome = await python.outcome("jobs.get_history", arguments)
    assert outcome["error"]["class"] == "BadRequestError"
    assert reason in outcome["error"]["text"]
