"""What a router asks of the subgraph: its schema, and entities by their keys."""

from typing import Any

import pytest

from gateway.query.plan.node_ids import to_job_id, to_model_id, to_user_id
from gateway.records import JobSource, ModelRecord, UserRecord
from gateway.schema.subgraph import to_subgraph_sdl
from gateway.settings import Settings, read_settings
from gateway.store.database import Database
from tests.factories import make_job, put
from tests.features.asking import Asker, to_asker, to_principal
from tests.features.clients import open_client, to_body
from tests.oracle.observing import ObservedDatabase, observe

ENTITIES = """
    query Jobs__jobs__1($representations: [_Any!]!) {
        _entities(representations: $representations) {
            ... on Job { label user { identifier } }
            ... on Model { identifier version }
            ... on User { __typename identifier }
        }
    }
"""
WITH_JOBS = """
    query ($representations: [_Any!]!, $first: Int!) {
        _entities(representations: $representations) {
            ... on Model { identifier jobs(first: $first) { nodes { label } } }
        }
    }
"""
ADDRESSES = (
    "query ($all: [_Any!]!) { _entities(representations: $all) {"
    " ... on User { email } } }"
)

Representation = dict[str, str | None]


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings of a gateway that is a subgraph."""
    return read_settings(database_url=database_url, federation=True)


@pytest.fixture
async def watched(database: Database) -> ObservedDatabase:
    """Jobs of two accounts and two projects, some of the same names."""
    for account, project in (("acme", 7), ("acme", None), ("other", 7)):
        jobs = [
            make_job(
                job_identifier=f"{at}" if project else f"free-{at}",
                label=f"{account} {project} {at}",
                project_id=project,
                model=ModelRecord(identifier=f"model-{at}", version=f"{project}"),
                user=UserRecord(identifier=f"user-{at}", email="a@example.com"),
            )
            for at in range(3)
        ]
        await put(database, account, *jobs)
    return observe(database)


@pytest.fixture
def asker(settings: Settings, watched: ObservedDatabase) -> Asker:
    return to_asker(settings, watched)


async def find(asker: Asker, *representations: Representation) -> list[Any]:
    data = await asker.read(ENTITIES, representations=representations)
    found: list[Any] = data["_entities"]
    return found


def to_job(identifier: str, source: str = "MODZY") -> Representation:
    return {"__typename": "Job", "jobIdentifier": identifier, "source": source}


def to_model(identifier: str, version: str | None) -> Representation:
    return {"__typename": "Model", "identifier": identifier, "version": version}


def to_user(identifier: str, source: str = "MODZY") -> Representation:
    return {"__typename": "User", "identifier": identifier, "source": source}


def by_id(type_name: str, id: str) -> Representation:
    return {"__typename": type_name, "id": id}


async def test_entities_come_in_order_by_either_key_and_as_often_as_asked(
    asker: Asker,
) -> None:
    found = await find(
        asker,
        to_user("user-1"),
        to_job("2"),
        by_id("Job", to_job_id("MODZY", "2")),
        by_id("Model", to_model_id("model-0", "None")),
        to_job("2"),
        to_model("model-0", "7"),
        by_id("User", to_user_id("MODZY", "user-1")),
    )
    job = {"label": "acme 7 2", "user": {"identifier": "user-2"}}
    user = {"__typename": "User", "identifier": "user-1"}
    models = [{"identifier": "model-0", "version": each} for each in ("None", "7")]
    assert found == [user, job, job, models[0], job, models[1], user]


@pytest.mark.parametrize("count", [1, 3, 200])
async def test_each_type_is_read_in_one_statement(
    asker: Asker, watched: ObservedDatabase, count: int
) -> None:
    await find(
        asker,
        *(to_job(f"{at}") for at in range(count)),
        *(by_id("Job", to_job_id("MODZY", f"free-{at}")) for at in range(count)),
        *(to_user(f"user-{at}") for at in range(count)),
        *(by_id("Model", to_model_id(f"model-{at}", "7")) for at in range(count)),
    )
    # Three of each kind are there, and no other rows are read.
    there = min(count, 3)
    assert sorted(rows for _, rows in watched.asked) == [there, there, 2 * there]


async def test_lists_below_entities_are_read_at_once(
    asker: Asker, watched: ObservedDatabase
) -> None:
    models = [to_model(f"model-{at}", "7") for at in range(3)]
    data = await asker.read(WITH_JOBS, representations=models, first=5)
    assert [each["jobs"]["nodes"] for each in data["_entities"]] == [
        [{"label": f"acme 7 {at}"}] for at in range(3)
    ]
    assert len(watched.asked) == 2


async def test_no_representation_asks_nothing(
    asker: Asker, watched: ObservedDatabase
) -> None:
    assert await find(asker) == []
    assert watched.asked == []


@pytest.mark.parametrize(
    ("account", "project", "labels"),
    [
        ("acme", None, ["acme 7 1", "acme None 1", None, None]),
        ("acme", 7, ["acme 7 1", None, None, None]),
        ("other", None, ["other 7 1", None, None, None]),
        ("nobody", None, [None] * 4),
    ],
)
async def test_what_a_caller_may_not_see_is_null_as_what_does_not_exist(
    settings: Settings,
    watched: ObservedDatabase,
    account: str,
    project: int | None,
    labels: list[str | None],
) -> None:
    asker = to_asker(settings, watched, to_principal(account, project_id=project))
    wanted = [to_job(name) for name in ("1", "free-1", "none")]
    found = await find(asker, *wanted, to_job("1", JobSource.SWF))
    assert [each and each["label"] for each in found] == labels


async def test_a_project_sees_its_own_models_alone(
    settings: Settings, watched: ObservedDatabase
) -> None:
    asker = to_asker(settings, watched, to_principal(project_id=7))
    found = await find(asker, to_model("model-1", "7"), to_model("model-1", "None"))
    assert found == [{"identifier": "model-1", "version": "7"}, None]


async def test_what_cannot_be_read_is_in_error_at_its_place_alone(
    asker: Asker,
) -> None:
    wanted = [to_job("1"), {"__typename": "Job"}, to_job("2"), by_id("User", "x")]
    payload = await asker.ask(ENTITIES, representations=wanted)
    found = payload["data"]["_entities"]
    assert [each and each["label"] for each in found] == [
        "acme 7 1",
        None,
        "acme 7 2",
        None,
    ]
    assert [
        (error["path"], error["extensions"]["code"]) for error in payload["errors"]
    ] == [(["_entities", 1], "BAD_USER_INPUT"), (["_entities", 3], "BAD_USER_INPUT")]


@pytest.mark.parametrize(
    "item",
    [5, None, "Job", [], {}, {"id": "x"}, {"__typename": 5}],
    ids=["number", "null", "text", "list", "empty", "no type", "a type's number"],
)
async def test_what_is_no_representation_refuses_the_request(
    asker: Asker, item: object
) -> None:
    code, message = await asker.refusal(ENTITIES, representations=[item])
    assert code == "BAD_USER_INPUT"
    assert "at [0]" in message


# Deeper ones are refused as what is no JSON.
async def test_a_key_that_nests_deeply_is_as_wrong_as_any(asker: Asker) -> None:
    nested: object = []
    for _ in range(1_000):
        nested = [nested]
    wanted = [{"__typename": "Job", "id": nested}]
    refusal = await asker.refusal(ENTITIES, representations=wanted)
    assert refusal == (
        "BAD_USER_INPUT",
        "id of a representation of Job is a list; give a text",
    )


async def test_a_representation_may_stand_in_the_document(asker: Asker) -> None:
    query = (
        "query ($name: String!) { _entities(representations: [{__typename: "
        '"Job", source: MODZY, jobIdentifier: $name}]) { ... on Job { label } } }'
    )
    assert await asker.read(query, name="1") == {"_entities": [{"label": "acme 7 1"}]}


async def test_a_thousand_are_answered_and_no_more(asker: Asker) -> None:
    assert len(await find(asker, *[to_job("1")] * 1_000)) == 1_000
    refusal = await asker.refusal(ENTITIES, representations=[to_job("1")] * 1_001)
    assert refusal == (
        "BAD_USER_INPUT",
        "representations has 1001 items; give at most 1000",
    )


async def test_pages_below_a_representation_count(asker: Asker) -> None:
    models = [to_model("model-1", "7")] * 1_000
    data = await asker.read(WITH_JOBS, representations=models, first=19)
    assert len(data["_entities"]) == 1_000
    code, message = await asker.refusal(WITH_JOBS, representations=models, first=20)
    assert code == "QUERY_TOO_COMPLEX"
    assert "asks for up to 21000 nodes" in message


@pytest.mark.parametrize(
    ("scopes", "needed"),
    [
        ({"usage:read", "email"}, "Query._entities needs the scope jobs:read"),
        ({"jobs:read"}, "User.email needs the scope email"),
    ],
)
async def test_scopes_are_needed_as_elsewhere(
    settings: Settings, watched: ObservedDatabase, scopes: set[str], needed: str
) -> None:
    asker = to_asker(settings, watched, to_principal(scopes=frozenset(scopes)))
    code, message = await asker.refusal(ADDRESSES, all=[to_user("user-1")])
    assert code == "FORBIDDEN"
    assert needed in message
    assert watched.asked == []


@pytest.mark.parametrize("is_public", [True, False])
def test_the_schema_is_told_to_whom_introspection_is(
    settings: Settings, *, is_public: bool
) -> None:
    changed = settings.replace(public_introspection=is_public)
    with open_client(changed) as client:
        answer = client.post("/graphql", json=to_body("{ _service { sdl } }"))
        more = client.post(
            "/graphql",
            json=to_body(
                "{ _service { sdl } _entities(representations: []) { __typename } }"
            ),
        )
    assert (answer.status_code, more.status_code) == (200 if is_public else 401, 401)
    if is_public:
        assert answer.json()["data"]["_service"]["sdl"] == to_subgraph_sdl()


@pytest.mark.parametrize(
    "field", ["_service { sdl }", "_entities(representations: [])"]
)
async def test_a_gateway_by_itself_has_nothing_for_routers(
    database: Database, field: str
) -> None:
    asker = to_asker(read_settings(), database)
    code, message = await asker.refusal(f"{{ {field} }}")
    assert code == "GRAPHQL_VALIDATION_FAILED"
    assert message.startswith(f"Cannot query field '{field[:8]}")
