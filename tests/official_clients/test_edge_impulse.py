"""Edge Impulse's clients for Python and Node, unmodified, at a served gateway."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.official_clients.callers import Caller, calling_node, calling_python
from tests.official_clients.documents import Document
from tests.official_clients.edge_impulse_jobs import (
    DOCUMENTS,
    FILTERS,
    JOBS,
    LINES,
    LOGGED,
    SAMPLE,
    WINDOWS,
    by_id,
    has_succeeded,
    is_active,
    is_training,
    to_instant,
    to_summary,
    with_instants,
)
from tests.official_clients.serving import PROJECT, Site, serving

UNKNOWN_KEY = "ei_nobody.secret"
UNKNOWN_JOB = 12_345


@pytest.fixture(scope="module")
async def site(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("edge-impulse")
    async with serving("edge-impulse", DOCUMENTS, sqlite_template, folder) as served:
        yield served


@pytest.fixture(scope="module")
async def python(site: Site) -> AsyncIterator[Caller]:
    given = {"address": site.address, "credential": to_api_key(site.key)}
    async with calling_python("edge_impulse_python", **given) as caller:
        yield caller


@pytest.fixture(scope="module")
async def node(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Caller]:
    given = {"address": site.address, "method": "apiKey", "key": site.key}
    folder = tmp_path_factory.mktemp("edge-impulse-node")
    async with calling_node("edge_impulse_node", folder, **given) as caller:
        yield caller


def to_api_key(text: str) -> dict[str, object]:
    """Give the client for Python a key."""
    return {"api_key": {"ApiKeyAuthentication": text}}


def on_project(**arguments: object) -> dict[str, object]:
    return {"project_id": PROJECT, **arguments}


async def test_python_reads_all_jobs_page_by_page(python: Caller) -> None:
    jobs: list[Document] = []
    while len(jobs) < len(JOBS):
        asked = on_project(limit=40, offset=len(jobs))
        page = await python.call("list_all_jobs", asked)
        assert (page["success"], page["totalJobCount"]) == (True, len(JOBS))
        assert 0 < len(page["jobs"]) <= 40
        jobs += page["jobs"]
    assert by_id(jobs) == by_id(JOBS)


async def test_node_reads_all_jobs_page_by_page(node: Caller) -> None:
    jobs: list[Document] = []
    while len(jobs) < len(JOBS):
        asked = {"limit": 40, "offset": len(jobs)}
        page = await node.call("listAllJobs", [PROJECT, asked])
        assert (page["success"], page["totalJobCount"]) == (True, len(JOBS))
        assert 0 < len(page["jobs"]) <= 40
        jobs += page["jobs"]
    assert by_id(jobs) == [with_instants(job) for job in by_id(JOBS)]


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("list_all_jobs", {"limit": 200}),
        ("list_active_jobs", {}),
        ("list_finished_jobs", {"limit": 200}),
        ("get_job_status", {"job_id": SAMPLE["id"]}),
        ("get_jobs_logs", {"job_id": LOGGED["id"]}),
    ],
)
async def test_bodies_have_the_types_of_the_models_of_python(
    python: Caller, call: str, arguments: Document
) -> None:
    outcome = await python.outcome(call, on_project(**arguments))
    assert "error" not in outcome, outcome
    assert outcome["checked"]["success"] is True


async def test_python_reads_one_job(python: Caller) -> None:
    outcome = await python.outcome("get_job_status", on_project(job_id=SAMPLE["id"]))
    assert outcome["value"] == {"success": True, "job": SAMPLE}
    job = outcome["checked"]["job"]
    assert (job["id"], job["computeTime"]) == (12_873_488_112, 180.2504)
    assert job["created"] == {"instant": "2024-03-01T09:00:00.250000+00:00"}


async def test_node_reads_one_job(node: Caller) -> None:
    found = await node.call("getJobStatus", [PROJECT, SAMPLE["id"]])
    assert found == {"success": True, "job": with_instants(SAMPLE)}


@pytest.mark.parametrize(
    ("call", "arguments", "is_meant"), FILTERS.values(), ids=FILTERS
)
async def test_python_filters_jobs(
    python: Caller,
    call: str,
    arguments: Document,
    is_meant: Callable[[Document], bool],
) -> None:
    found = await python.call(call, on_project(**arguments))
    meant = [job for job in JOBS if is_meant(job)]
    assert by_id(found["jobs"]) == by_id(meant) != []
    assert found["totalJobCount"] == len(meant)


async def test_node_filters_jobs(node: Caller) -> None:
    asked = {"category": "Training model", "finished": "successful", "rootOnly": True}
    found = await node.call("listAllJobs", [PROJECT, asked])
    meant = [job for job in JOBS if is_training(job) and has_succeeded(job)]
    assert by_id(found["jobs"]) == [with_instants(job) for job in by_id(meant)]


@pytest.mark.parametrize(("start", "end"), WINDOWS.values(), ids=WINDOWS)
async def test_python_lists_the_jobs_that_were_created_between_two_dates(
    python: Caller, start: str, end: str
) -> None:
    asked = on_project(start_date=start, end_date=end, limit=200)
    found = await python.call("list_all_jobs", asked)
    first, last = to_instant(start), to_instant(end)
    meant = [job for job in JOBS if first <= to_instant(job["created"]) < last]
    assert by_id(found["jobs"]) == by_id(meant) != []


@pytest.mark.parametrize(("start", "end"), WINDOWS.values(), ids=WINDOWS)
async def test_python_sums_up_the_time_of_each_category(
    python: Caller, start: str, end: str
) -> None:
    asked = on_project(start_date=start, end_date=end)
    outcome = await python.outcome("get_jobs_summary", asked)
    assert "error" not in outcome, outcome
    assert by_category(outcome["checked"]["summary"]) == to_summary(start, end) != []
    assert outcome["value"]["summary"] == outcome["checked"]["summary"]


@pytest.mark.parametrize("name", ["utc", "east", "everything"])
async def test_node_sums_up_the_time_of_each_category(node: Caller, name: str) -> None:
    start, end = WINDOWS[name]
    asked = {"startDate": start, "endDate": end}
    found = await node.call("getJobsSummary", [PROJECT, asked])
    assert by_category(found["summary"]) == to_summary(start, end) != []


def by_category(rows: list[Document]) -> list[Document]:
    return sorted(rows, key=lambda row: str(row["category"]))


async def test_what_a_job_printed_comes_as_lines(python: Caller, node: Caller) -> None:
    logs = await python.call("get_jobs_logs", on_project(job_id=LOGGED["id"]))
    assert [line["data"] for line in logs["stdout"]] == LINES
    assert logs["totalCount"] == len(LINES)
    same = await node.call("getJobsLogs", [PROJECT, LOGGED["id"], {}])
    assert [line["data"] for line in same["stdout"]] == LINES


@pytest.mark.parametrize("form", ["header", "oauth"])
async def test_python_may_send_a_token(python: Caller, site: Site, form: str) -> None:
    credentials = {
        "header": {"api_key": {"JWTHttpHeaderAuthentication": site.token}},
        "oauth": {"access_token": site.token},
    }
    changes = {"credential": credentials[form]}
    found = await python.call("list_active_jobs", on_project(), **changes)
    assert by_id(found["jobs"]) == by_id(job for job in JOBS if is_active(job))


async def test_node_may_send_a_token(node: Caller, site: Site) -> None:
    changes = {"method": "jwtToken", "key": site.token}
    found = await node.call("listActiveJobs", [PROJECT], **changes)
    assert found["totalJobCount"] == sum(map(is_active, JOBS))


async def test_a_key_that_is_not_known_is_refused(python: Caller, node: Caller) -> None:
    unknown = {"credential": to_api_key(UNKNOWN_KEY)}
    outcome = await python.outcome("list_all_jobs", on_project(), **unknown)
    assert outcome["error"]["class"] == "UnauthorizedException"
    other = await node.outcome("listAllJobs", [PROJECT, {}], key=UNKNOWN_KEY)
    assert other["error"]["class"] == "Error"
    # Python's error has the whole body in its text, Node's what stands in `error`.
    assert '{"success":false,"error":' in outcome["error"]["text"]
    assert other["error"]["text"] in outcome["error"]["text"]


@pytest.mark.parametrize(
    ("call", "node_call"),
    [("get_job_status", "getJobStatus"), ("get_jobs_logs", "getJobsLogs")],
)
async def test_a_job_that_is_not_known_is_told_so(
    python: Caller, node: Caller, call: str, node_call: str
) -> None:
    outcome = await python.outcome(call, on_project(job_id=UNKNOWN_JOB))
    assert outcome["error"]["class"] == "Exception"
    assert str(UNKNOWN_JOB) in outcome["error"]["text"]
    other = await node.outcome(node_call, [PROJECT, UNKNOWN_JOB, {}])
    assert other["error"] == {"class": "Error", "text": outcome["error"]["text"]}


async def test_a_window_that_is_turned_round_is_told_so(python: Caller) -> None:
    end, start = WINDOWS["utc"]
    asked = on_project(start_date=start, end_date=end)
    outcome = await python.outcome("get_jobs_summary", asked)
    assert outcome["error"]["class"] == "Exception"
    assert "startDate" in outcome["error"]["text"]
