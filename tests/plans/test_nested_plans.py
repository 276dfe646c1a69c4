"""What is below a page costs what it gives, however long the lists it is taken from."""

import pytest

from gateway.auth.authenticate import Authenticator
from gateway.errors import UnauthenticatedError
from gateway.settings import read_settings
from tests.features.asking import Asker, to_asker, to_principal
from tests.plans.measuring import is_little, measure
from tests.plans.recording import RecordingDatabase

NESTED = {
    "jobs of models": "{ models(first: 5) { nodes { jobs(first: 3) { nodes {"
    " id } } } } }",
    "last jobs of models": "{ models(last: 5) { nodes {"
    " jobs(last: 3) { nodes { createdAt } pageInfo { hasPreviousPage } } } } }",
    "jobs of users": "{ users(first: 5) { nodes { jobs(first: 3) { nodes {"
    " id } } } } }",
    "jobs of jobs' models": "{ jobs(first: 5) { nodes { model { jobs(first: 3) {"
    " nodes { id user { jobs(first: 3) { nodes { id } } } } } } } } }",
    "inputs": "{ jobs(first: 20) { nodes { jobInputs(first: 3) { nodes {"
    " identifier } } } } }",
    "count of inputs": "{ jobs(first: 20) { nodes { jobInputs { totalCount } } } }",
}
LOOKED_UP = {
    "job": '{ job(jobIdentifier: "job-000077") { id stdout model { name } } }',
    "job of a source": '{ job(jobIdentifier: "job-000077", source: MODZY) { id } }',
    "model": '{ model(identifier: "model-0") { id jobs(first: 3) { nodes { id } } } }',
    "user": '{ user(identifier: "user-0", source: MODZY) { jobs(first: 3) {'
    " nodes { id } } } }",
    "models": "{ models(first: 5) { nodes { name } totalCount } }",
    "users": "{ users(last: 5) { nodes { identifier } totalCount } }",
}
MANY_INPUTS = """
    query ($position: String) {
        job(jobIdentifier: "job-004950") {
            jobInputs(first: 3, after: $position) {
                pageInfo { endCursor hasNextPage } nodes { identifier }
            }
        }
    }
"""


@pytest.mark.parametrize(
    "query", [*NESTED.values(), *LOOKED_UP.values()], ids=[*NESTED, *LOOKED_UP]
)
async def test_only_what_is_given_is_read(
    asker: Asker, history: RecordingDatabase, query: str
) -> None:
    await asker.read(query)
    work = await measure(history, history.take())
    assert is_little(work, history), work


@pytest.mark.parametrize("query", NESTED.values(), ids=NESTED)
async def test_a_project_reads_only_what_it_is_given(
    history: RecordingDatabase, query: str
) -> None:
    asker = to_asker(read_settings(), history, to_principal(project_id=3))
    await asker.read(query)
    work = await measure(history, history.take())
    assert is_little(work, history), work


@pytest.mark.parametrize("history_url", ["sqlite"], indirect=True)
async def test_jobs_below_their_owner_in_another_order_are_those_of_the_owner(
    asker: Asker, history: RecordingDatabase
) -> None:
    ordered = "first: 3, orderBy: {field: FINISHED_AT}"
    query = f'{{ model(identifier: "model-13") {{ jobs({ordered}) {{ nodes {{ id }} }}'
    await asker.read(f"{query} }} }}")
    work = await measure(history, history.take())
    assert is_little(work, history), work


async def test_many_inputs_are_read_a_page_at_a_time(
    asker: Asker, history: RecordingDatabase
) -> None:
    first = await asker.read(MANY_INPUTS)
    position = first["job"]["jobInputs"]["pageInfo"]["endCursor"]
    amounts = [(await measure(history, history.take())).amount]
    await asker.read(MANY_INPUTS, position=position)
    amounts.append((await measure(history, history.take())).amount)
    # The job has 400 inputs.
    assert max(amounts) < 350


async def test_nodes_are_looked_up_by_what_identifies_them(
    asker: Asker, history: RecordingDatabase
) -> None:
    page = await asker.read(
        "{ jobs(first: 20) { nodes { id model { id } user { id } } } }"
    )
    ids = [
        found["id"]
        for job in page["jobs"]["nodes"]
        for found in (job, job["model"], job["user"])
    ]
    history.take()
    found = await asker.read(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids
    )
    assert [node["id"] for node in found["nodes"]] == ids
    work = await measure(history, history.take())
    assert is_little(work, history), work


async def test_a_key_is_looked_up_by_its_prefix(history: RecordingDatabase) -> None:
    authenticator = Authenticator(read_settings(), history)
    values = {"x-api-key": ["nobody.secret"]}
    with pytest.raises(UnauthenticatedError):
        await authenticator.authenticate(lambda name: values.get(name, []))
    (ran,) = history.take()
    assert "prefix = " in ran.sql.partition("WHERE")[2]
    work = await measure(history, [ran])
    assert not [line for line in work.plan if line.startswith("SCAN")]


async def test_entities_are_looked_up_by_what_identifies_them(
    history: RecordingDatabase,
) -> None:
    asker = to_asker(read_settings(federation=True), history)
    page = await asker.read(
        "{ jobs(first: 20) { nodes { jobIdentifier source user { identifier source }"
        " model { identifier version } } } }"
    )
    wanted = [
        {"__typename": name, **found}
        for job in page["jobs"]["nodes"]
        for name, found in (
            ("User", job.pop("user")),
            ("Model", job.pop("model")),
            ("Job", job),
        )
    ]
    history.take()
    data = await asker.read(
        "query ($all: [_Any!]!) { _entities(representations: $all) { __typename } }",
        all=wanted,
    )
    assert [each["__typename"] for each in data["_entities"]] == [
        each["__typename"] for each in wanted
    ]
    work = await measure(history, history.take())
    assert is_little(work, history), work
