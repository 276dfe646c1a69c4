import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.errors import DecodeError
from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    MoneyRecord,
    UserRecord,
)
from gateway.store.batches import WriteCounts
from gateway.store.database import Database
from gateway.store.tables import (
    accounts,
    job_inputs,
    job_logs,
    jobs,
    models,
    project_models,
    project_users,
    projects,
    users,
)
from gateway.store.usage.verify import verify_usage
from tests.factories import NOON, make_job, put
from tests.store.tables import read_all, read_rows

NEW = WriteCounts(new=1)
UPDATED = WriteCounts(updated=1)
UNCHANGED = WriteCounts(unchanged=1)
LATER = NOON + timedelta(hours=1)
EARLIER = NOON - timedelta(hours=1)


def make_full(**changes: Any) -> JobRecord:  # noqa: ANN401 -- as make_job's
    """Make a job with a value in every field."""
    fields = {
        "job_identifier": "full",
        "project_id": 7,
        "category": "Training model",
        "category_key": "train",
        "label": "keras",
        "raw_status": "COMPLETED",
        "status": JobStatus.COMPLETED,
        "model": ModelRecord(identifier="ed542963de", version="1.0.1", name="OCR"),
        "user": UserRecord(identifier="u1", first_name="Ada", email="ada@example.com"),
        "submitted_by": "key",
        "submitted_at": NOON,
        "assigned_at": NOON,
        "started_at": NOON,
        "finished_at": LATER,
        "total": 2,
        "completed": 1,
        "failed": 1,
        "elapsed_ms": 2**40,
        "queue_ms": 0,
        "timeout_ms": 2**33,
        "explain": True,
        "image_classification_model": False,
        "input_bytes": 2**41,
        "inputs": (
            JobInputRecord(identifier="a", status=JobStatus.FAILED, error="bad"),
            JobInputRecord(identifier="b", started_at=NOON, elapsed_ms=5),
        ),
        "cost": MoneyRecord(amount=Decimal("0.000000001"), currency="USD"),
        "arguments": "(512, 0.2)",
        "result": "ok",
        "instance": "i-1",
        "run": "r-1",
        "incremental_id": 3,
        "processors": 4,
        "requested_processors": 8,
        "logs": JobLogs(build_logs="pulled", stdout="out", stderr=""),
        "residue": {"team": {"identifier": "t"}},
    }
    return make_job(**(fields | changes))


async def test_every_field_of_a_job_comes_back(database: Database) -> None:
    record = make_full()
    assert await put(database, "acme", record) == NEW
    [row] = await read_rows(database, jobs)
    told = ("project_id", "category", "label", "elapsed_ms", "explain", "residue")
    assert {name: row[name] for name in told} == {
        name: getattr(record, name) for name in told
    }
    assert (row["finished_at"], row["cost_amount"]) == (LATER, Decimal("1E-9"))
    assert (row["model_id"], row["user_id"], row["status"]) == (1, 1, "COMPLETED")


async def test_inputs_and_logs_of_a_job_come_back(database: Database) -> None:
    await put(database, "acme", make_full())
    inputs = await read_rows(database, job_inputs)
    [logs] = await read_rows(database, job_logs)
    assert [(row["position"], row["identifier"]) for row in inputs] == [
        (0, "a"),
        (1, "b"),
    ]
    assert (inputs[0]["error"], inputs[1]["started_at"]) == ("bad", NOON)
    assert (logs["build_logs"], logs["stderr"]) == ("pulled", "")


async def test_the_same_document_again_changes_nothing(database: Database) -> None:
    await put(database, "acme", make_full())
    before = await read_all(database)
    assert await put(database, "acme", make_full()) == UNCHANGED
    assert await read_all(database) == before


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"label": "other"}, id="a column"),
        pytest.param({"logs": JobLogs(stdout="more")}, id="the logs"),
        pytest.param({"inputs": ()}, id="the inputs"),
        pytest.param({"user": UserRecord(identifier="u2")}, id="the user"),
        pytest.param({"model": None}, id="the model"),
        pytest.param({"residue": {}}, id="the residue"),
        pytest.param({"updated_at": LATER}, id="the update"),
    ],
)
async def test_a_changed_document_overwrites(
    database: Database, changes: dict[str, Any]
) -> None:
    await put(database, "acme", make_full())
    assert await put(database, "acme", make_full(**changes)) == UPDATED
    changed = await read_all(database)
    assert await put(database, "acme", make_full(**changes)) == UNCHANGED
    assert await read_all(database) == changed


async def test_inputs_and_logs_that_are_gone_are_removed(database: Database) -> None:
    await put(database, "acme", make_full())
    await put(database, "acme", make_full(inputs=(), logs=None))
    assert await read_rows(database, job_inputs) == []
    assert await read_rows(database, job_logs) == []


async def test_an_older_document_never_overwrites(database: Database) -> None:
    await put(database, "acme", make_full(updated_at=LATER))
    before = await read_all(database)
    older = make_full(updated_at=NOON, label="old", user=UserRecord(identifier="u9"))
    assert await put(database, "acme", older) == UNCHANGED
    assert await read_all(database) == before


async def test_duplicates_in_a_batch_are_taken_in_turn(database: Database) -> None:
    documents = [
        make_full(label="first"),
        make_full(label="older", updated_at=EARLIER),
        make_full(label="last", user=UserRecord(identifier="u2")),
        make_full(label="last", user=UserRecord(identifier="u2")),
    ]
    counts = await put(database, "acme", *documents)
    assert counts == WriteCounts(new=1, updated=1, unchanged=2)
    [row] = await read_rows(database, jobs)
    assert (row["job_id"], row["label"], row["user_id"]) == (1, "last", 2)


async def test_one_batch_leaves_what_single_writes_leave(database: Database) -> None:
    documents = [
        make_full(label="first"),
        make_full(label="older", updated_at=EARLIER, project_id=9),
        make_job(job_identifier="b", user=UserRecord(identifier="u2")),
        make_full(updated_at=LATER, project_id=8, user=UserRecord(identifier="u3")),
        make_job(job_identifier="c", user=UserRecord(identifier="u1", title="Dr")),
    ]
    await put(database, "a", *documents)
    for document in documents:
        await put(database, "b", document)
    tables = await read_all(database)
    for rows in tables.values():
        found = {"a": list[Any](), "b": list[Any]()}
        for row in rows:
            found[row.pop("account")].append(row)
        assert found["a"] == found["b"]


async def test_numbers_follow_the_order_of_arrival(database: Database) -> None:
    names = ["z", "a", "m"]
    await put(database, "acme", make_job(job_identifier="0"))
    await put(database, "acme", *(make_job(job_identifier=name) for name in names))
    rows = await read_rows(database, jobs)
    assert [row["job_identifier"] for row in rows] == ["0", *names]
    assert [row["job_id"] for row in rows] == [1, 2, 3, 4]


async def test_accounts_and_sources_do_not_share_jobs(database: Database) -> None:
    job = make_job(job_identifier="1")
    other = make_job(job_identifier="1", source=JobSource.SWF)
    assert await put(database, "acme", job, other) == WriteCounts(new=2)
    assert await put(database, "globex", job) == NEW
    rows = await read_rows(database, jobs)
    assert [(row["account"], row["job_id"]) for row in rows] == [
        ("acme", 1),
        ("acme", 2),
        ("globex", 1),
    ]


async def test_a_newer_document_adds_to_what_is_known_of_a_user(
    database: Database,
) -> None:
    await put(database, "acme", make_full())
    newer = UserRecord(identifier="u1", first_name="Augusta", title="Countess")
    await put(database, "acme", make_job(user=newer, updated_at=LATER))
    [row] = await read_rows(database, users)
    assert (row["first_name"], row["title"]) == ("Augusta", "Countess")
    assert (row["email"], row["updated_at"]) == ("ada@example.com", LATER)


async def test_an_older_document_changes_nothing_of_a_user(database: Database) -> None:
    await put(database, "acme", make_full())
    older = UserRecord(identifier="u1", first_name="A.", title="Miss")
    await put(database, "acme", make_job(user=older, updated_at=EARLIER))
    [row] = await read_rows(database, users)
    assert (row["first_name"], row["title"]) == ("Ada", None)


async def test_users_of_two_sources_are_two(database: Database) -> None:
    user = UserRecord(identifier="1")
    records = [make_job(user=user), make_job(user=user, source=JobSource.EDGE_IMPULSE)]
    await put(database, "acme", *records)
    assert len(await read_rows(database, users)) == 2


@pytest.mark.parametrize(
    ("versions", "count"),
    [((None, None), 1), ((None, ""), 1), (("1.0.0", None), 2), (("1.0", "1.0"), 1)],
)
async def test_models_are_told_apart_by_version(
    database: Database, versions: tuple[str | None, ...], count: int
) -> None:
    for version in versions:
        model = ModelRecord(identifier="m", version=version)
        await put(database, "acme", make_job(model=model))
    assert len(await read_rows(database, models)) == count


async def test_a_project_knows_the_users_and_models_of_its_jobs(
    database: Database,
) -> None:
    outside = make_job(user=UserRecord(identifier="u2"))
    second = make_full(project_id=8, job_identifier="second")
    await put(database, "acme", outside, make_full(), second)
    assert [row["project_id"] for row in await read_rows(database, projects)] == [7, 8]
    found = await read_rows(database, project_users)
    assert [(row["project_id"], row["user_id"]) for row in found] == [(7, 2), (8, 2)]
    assert len(await read_rows(database, project_models)) == 2


async def test_a_project_forgets_the_user_of_a_job_that_left_it(
    database: Database,
) -> None:
    user = UserRecord(identifier="u")
    kept = make_job(project_id=7, user=user)
    left = make_job(project_id=8, user=user)
    await put(database, "acme", kept, left)
    moved = replace(left, project_id=9, updated_at=LATER)
    still = replace(kept, label="again", updated_at=LATER)
    await put(database, "acme", moved, still)
    found = await read_rows(database, project_users)
    assert [row["project_id"] for row in found] == [7, 9]


async def test_a_batch_larger_than_a_statement_takes_is_written(
    database: Database,
) -> None:
    records = [
        make_job(user=UserRecord(identifier=f"u{number}")) for number in range(6_000)
    ]
    assert await put(database, "acme", *records) == WriteCounts(new=6_000)
    assert await put(database, "acme", *records) == WriteCounts(unchanged=6_000)


async def test_an_error_leaves_nothing_of_the_transaction(database: Database) -> None:
    with pytest.raises(DecodeError):
        await put(database, "acme", make_job(), make_job(label="\0"))
    assert await read_rows(database, accounts) == []


async def test_writers_of_one_account_take_turns(database: Database) -> None:
    batches = [[make_job() for _ in range(20)] for _ in range(5)]
    await asyncio.gather(*(put(database, "acme", *batch) for batch in batches))
    rows = await read_rows(database, jobs)
    assert [row["job_id"] for row in rows] == list(range(1, 101))


async def read_identifiers(database: Database) -> list[str]:
    return [row["job_identifier"] for row in await read_rows(database, jobs)]


async def test_a_job_that_was_stored_by_its_number_becomes_that_of_its_log(
    database: Database,
) -> None:
    old = make_job(source=JobSource.SWF, job_identifier="4")
    await put(database, "acme", old, make_job(job_identifier="5"))
    other = replace(old, job_identifier="b/4", created_at=NOON + timedelta(days=9))
    same = replace(old, job_identifier="a/4")
    assert (await put(database, "acme", other)).new == 1
    assert (await put(database, "acme", same)).updated == 1
    assert (await put(database, "acme", same)).unchanged == 1
    assert await read_identifiers(database) == ["a/4", "5", "b/4"]
    assert await verify_usage(database, "acme", limit=1) == []


async def test_a_job_of_another_source_does_not_become_that_of_a_log(
    database: Database,
) -> None:
    old = make_job(job_identifier="4")
    named = replace(old, source=JobSource.SWF, job_identifier="a/4")
    await put(database, "acme", old)
    assert (await put(database, "acme", named)).new == 1
