"""What a list's facets and bounded counts tell a front-end."""

import pytest

from gateway.records import JobRecord, JobStatus, ModelRecord
from gateway.settings import Settings
from gateway.store.database import Database
from tests.factories import make_job, put
from tests.features.asking import Asker, to_asker, to_code

FACETS = """
  facets { status { value count } category { value count }
    model { value { identifier } count } }
"""


def make(status: str, category: str | None, model: str | None) -> JobRecord:
    """Make a job of a model, if it has one."""
    return make_job(
        status=JobStatus(status),
        category=category,
        model=ModelRecord(identifier=model) if model else None,
    )


@pytest.fixture
async def asker(settings: Settings, database: Database) -> Asker:
    await put(
        database,
        "acme",
        make("COMPLETED", "train", "net"),
        make("COMPLETED", "train", "tree"),
        make("FAILED", "train", "net"),
        make("FAILED", "test", "net"),
        make("QUEUED", None, None),
    )
    return to_asker(settings, database)


async def test_a_facet_keeps_to_all_filters_but_its_own(asker: Asker) -> None:
    chosen = '{status: [FAILED], category: ["train"]}'
    answer = await asker.read(f"{{ jobs(filter: {chosen}) {{ {FACETS} }} }}")
    assert answer["jobs"]["facets"] == {
        "status": [
            {"value": "COMPLETED", "count": 2},
            {"value": "FAILED", "count": 1},
        ],
        "category": [{"value": "test", "count": 1}, {"value": "train", "count": 1}],
        "model": [{"value": {"identifier": "net"}, "count": 1}],
    }


async def test_values_are_ordered_by_their_count_and_null_is_one(asker: Asker) -> None:
    facets = (await asker.read(f"{{ jobs {{ {FACETS} }} }}"))["jobs"]["facets"]
    assert facets["category"] == [
        {"value": "train", "count": 3},
        {"value": "test", "count": 1},
        {"value": None, "count": 1},
    ]
    assert [found["count"] for found in facets["model"]] == [3, 1, 1]


async def test_a_count_stops_at_its_limit(asker: Asker) -> None:
    query = "{ jobs { few: countUpTo(limit: 2) all: countUpTo(limit: 9) totalCount } }"
    found = (await asker.read(query))["jobs"]
    assert found == {"few": 2, "all": 5, "totalCount": 5}


async def test_a_negative_limit_is_refused(asker: Asker) -> None:
    payload = await asker.ask("{ jobs { countUpTo(limit: -1) } }")
    assert to_code(payload) == "BAD_USER_INPUT"
    assert payload["errors"][0]["message"] == "limit is -1; give 0 or more"
