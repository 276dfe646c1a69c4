"""How often the database is asked: by level and never by row."""

from dataclasses import replace

import orjson
import pytest

from gateway.query.plan.node_ids import to_model_id
from gateway.records import JobInputRecord, ModelRecord, UserRecord
from gateway.settings import Settings
from gateway.store.database import Database
from tests.benchmarks.works import WORKS, Work, to_wishes
from tests.factories import make_job, put
from tests.features.asking import Asker, to_asker
from tests.oracle.observing import observe
from tests.plans.recording import RecordingDatabase, record_statements

JOBS = 30
WINDOW = 'startDate: "2026-01-01T00:00:00Z", endDate: "2026-02-01T00:00:00Z"'
# Statements by query; every list below has many rows.
QUERIES = {
    "viewer": ("{ viewer { subject } }", 0),
    "sources": ("{ sources { name state error } }", 1),
    "a page": ("{ jobs { nodes { id model { name } user { email } stdout } } }", 1),
    "a page and its edges": ("{ jobs { nodes { id } edges { node { status } } } }", 1),
    "a count": ("{ jobs { totalCount } }", 1),
    "a page and its count": ("{ jobs { totalCount nodes { id } } }", 2),
    "bounded counts": ("{ jobs { a: countUpTo(limit: 3) b: countUpTo(limit: 9) } }", 1),
    "facets": (
        "{ jobs { a: facets { status { count } } b: facets { source { count } } } }",
        1,
    ),
    "facets with models": ("{ jobs { facets { model { value { id } } } } }", 2),
    "ends of a page": (
        "{ jobs { pageInfo { hasNextPage hasPreviousPage endCursor } } }",
        1,
    ),
    "inputs": ("{ jobs { nodes { jobInputs { nodes { identifier } } } } }", 2),
    "inputs and their count": (
        "{ jobs { nodes { jobInputs { totalCount nodes { identifier } } } } }",
        3,
    ),
    "jobs of models": ("{ models { nodes { jobs { nodes { id } } } } }", 2),
    "four levels": (
        (
            "{ users(first: 7) { nodes { jobs(first: 5) { nodes { model {"
            " jobs(first: 5) { nodes { jobInputs { nodes {"
            " identifier } } } } } } } } } }"
        ),
        4,
    ),
    "a list twice": (
        (
            "{ models { nodes { new: jobs(first: 1) { nodes { id } }"
            " old: jobs(last: 1) { nodes { id } } } } }"
        ),
        3,
    ),
    "two roots": ("{ models { nodes { id } } users { nodes { id } } }", 2),
    "usage": (f"{{ usageSummary({WINDOW}) {{ summary {{ lengthMs }} }} }}", 1),
    "usage with costs and times": (
        (
            f"{{ usageSummary({WINDOW}, bucket: DAY) {{ summary {{ cost {{ amount }}"
            " queueTime { p50 } elapsedTime { mean } } totals { queueTime { p99 } } } }"
        ),
        2,
    ),
    "usage of a filter": (
        (
            f"{{ usageSummary({WINDOW}, filter: {{ status: [RUNNING] }}) {{ totals {{"
            " lengthMs cost { amount } } } }"
        ),
        1,
    ),
    "usage by model": (
        (
            f"{{ usageSummary({WINDOW}, groupBy: [MODEL, USER]) {{ summary {{"
            " model { name } user { lastName } lengthMs } } }"
        ),
        3,
    ),
}


@pytest.fixture
async def recording(database: Database) -> RecordingDatabase:
    """Many jobs of some models and users, each with inputs."""
    jobs = [
        make_job(
            model=ModelRecord(identifier=f"model-{number % 5}"),
            user=UserRecord(identifier=f"user-{number % 7}"),
            inputs=tuple(JobInputRecord(identifier=f"{at}") for at in range(3)),
        )
        for number in range(JOBS)
    ]
    ran = [replace(job, started_at=job.created_at, elapsed_ms=1_000) for job in jobs]
    await put(database, "acme", *ran)
    return record_statements(database)


@pytest.fixture
def asker(settings: Settings, recording: RecordingDatabase) -> Asker:
    return to_asker(settings, recording)


@pytest.mark.parametrize("case", QUERIES.values(), ids=QUERIES)
async def test_statements_are_counted_by_level(
    asker: Asker, recording: RecordingDatabase, case: tuple[str, int]
) -> None:
    query, statements = case
    await asker.read(query)
    assert len(recording.take()) == statements


# The hand-written endpoints need one statement for each of these, and three for lists
# below a list.
BENCHMARKED = {"nested": 3}


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
async def test_what_is_benchmarked_runs_no_statement_per_row(
    asker: Asker, recording: RecordingDatabase, work: Work
) -> None:
    page = await asker.read("{ jobs(first: 1) { nodes { jobIdentifier } } }")
    recording.take()
    (wish,) = to_wishes(work, [page["jobs"]["nodes"][0]["jobIdentifier"]])
    asked = orjson.loads(wish.body)
    data = await asker.read(asked["query"], **asked["variables"])
    assert len(recording.take()) == BENCHMARKED.get(work.name, 1)
    assert all(data.values())


async def test_a_page_between_two_cursors_asks_once_more_for_each_flag(
    asker: Asker, recording: RecordingDatabase
) -> None:
    page = await asker.read("{ jobs(first: 20) { edges { cursor } } }")
    cursors = [edge["cursor"] for edge in page["jobs"]["edges"]]
    recording.take()
    await asker.read(
        "query ($a: String, $b: String) { jobs(after: $a, before: $b) {"
        " nodes { id } pageInfo { hasNextPage hasPreviousPage } } }",
        a=cursors[2],
        b=cursors[9],
    )
    assert len(recording.take()) == 3


async def test_nodes_are_read_once_for_each_type(
    asker: Asker, recording: RecordingDatabase
) -> None:
    page = await asker.read("{ jobs { nodes { id model { id } user { id } } } }")
    ids = [
        found["id"]
        for job in page["jobs"]["nodes"]
        for found in (job, job["model"], job["user"])
    ]
    recording.take()
    await asker.read("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert len(recording.take()) == 3


async def test_nodes_bring_no_rows_but_their_own(
    settings: Settings, database: Database
) -> None:
    pairs = [(model, version) for model in "ab" for version in ("1", "2", None)]
    models = [ModelRecord(identifier=name, version=version) for name, version in pairs]
    await put(database, "acme", *(make_job(model=model) for model in models))
    watched = observe(database)
    ids = [to_model_id("a", "1"), to_model_id("b", None), to_model_id("b", "")]
    data = await to_asker(settings, watched).read(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids
    )
    assert data["nodes"] == [{"id": ids[0]}, {"id": ids[1]}, None]
    assert [rows for _, rows in watched.asked] == [2]
