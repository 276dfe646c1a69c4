"""What a caller learns of the upstreams of their account."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.records import JobSource
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.upstreams import UpstreamRecord, put_upstream
from tests.factories import make_job, put
from tests.schema.asking import READER, ask, make_principal
from tests.upstreams.syncs import put_columns

ALL = "{ sources { kind name state lastSuccessAt lagMs jobs error } }"


async def put_source(
    database: Database,
    name: str,
    **changes: Any,  # noqa: ANN401 -- of any field
) -> None:
    """Have the store know of an upstream."""
    fields = {"account": "acme", "kind": "modzy", "source": "MODZY"} | changes
    async with database.transaction() as conn:
        await put_upstream(conn, UpstreamRecord(name=name, **fields))


async def read(
    settings: Settings,
    database: Database,
    query: str = ALL,
    **changes: Any,  # noqa: ANN401 -- of any field
) -> list[Mapping[str, Any]]:
    """Ask for the sources of an account."""
    principal = replace(READER, **changes)
    answer = await ask(settings, database, query, principal=principal)
    found: list[Mapping[str, Any]] = answer.payload["data"]["sources"]
    return found


async def test_an_upstream_that_nobody_has_read_says_so(
    settings: Settings, database: Database
) -> None:
    await put_source(database, "modzy")
    assert await read(settings, database) == [
        {
            "kind": "MODZY",
            "name": "modzy",
            "state": "NEVER",
            "lastSuccessAt": None,
            "lagMs": None,
            "jobs": 0,
            "error": None,
        }
    ]


async def test_a_lag_is_the_time_since_the_last_success(
    settings: Settings, database: Database
) -> None:
    await put_source(database, "modzy")
    success_at = datetime.now(UTC) - timedelta(hours=1)
    await put_columns(
        database,
        last_success_at=success_at,
        lease_until=success_at + timedelta(hours=2),
        error="its own summary differs",
    )
    [found] = await read(settings, database)
    assert (found["state"], found["error"]) == ("IDLE", "its own summary differs")
    assert found["lagMs"] >= 3_600_000


async def test_jobs_are_those_of_the_source_and_its_project(
    settings: Settings, database: Database
) -> None:
    training = {"source": JobSource.EDGE_IMPULSE}
    await put(
        database,
        "acme",
        make_job(),
        make_job(**training, project_id=7),
        make_job(**training, project_id=8),
    )
    await put(database, "globex", make_job())
    await put_source(database, "modzy")
    of_project = {"kind": "edge-impulse", "source": "EDGE_IMPULSE", "project_id": 7}
    await put_source(database, "seven", **of_project)
    found = await read(settings, database)
    assert [(each["name"], each["jobs"]) for each in found] == [
        ("modzy", 1),
        ("seven", 1),
    ]


async def test_nobody_sees_the_upstreams_of_another_account_or_project(
    settings: Settings, database: Database
) -> None:
    for name, project in (("all", None), ("seven", 7), ("eight", 8)):
        await put_source(database, name, project_id=project)
    await put_source(database, "theirs", account="globex")
    names = {
        project: [
            each["name"] for each in await read(settings, database, project_id=project)
        ]
        for project in (None, 7, 9)
    }
    assert names == {None: ["all", "eight", "seven"], 7: ["seven"], 9: []}


async def test_sources_need_the_scope_of_jobs(
    settings: Settings, database: Database
) -> None:
    principal = make_principal("usage:read")
    answer = await ask(settings, database, ALL, principal=principal)
    [error] = answer.payload["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
