"""What one account may not see looks exactly like what does not exist.

Two gateways are asked the same: one whose database holds an account's data alone, and
one that holds that of others, too. Not one byte of an answer may differ.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from gateway.auth.issuing import KeyRequest, issue_key
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
from gateway.schema.contract import to_schema
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from gateway.store.keys import put_api_key
from gateway.web.rest.dialects import DIALECTS
from tests.conftest import BACKENDS
from tests.databases import PostgresqlServer, copy_sqlite
from tests.factories import make_job, put
from tests.features.asking import ALL_SCOPES, Asker, to_asker, to_code, to_principal
from tests.features.clients import open_client, to_body
from tests.features.rest_paths import make_paths
from tests.features.walking import Values, Walk, to_fields, to_readable

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
JOBS = 8
# Of some hundreds of answers, so many have jobs with all that belongs to them.
SEEN = 20
# The server's clock, which no two answers share.
CLOCKS = frozenset({"Viewer.serverTime", "UsageSummary.asOf"})
SOURCES = (JobSource.MODZY, JobSource.EDGE_IMPULSE, JobSource.SHAREDCLOUD)
STATUSES = tuple(JobStatus)
LARGE = {
    "max_tokens": 100_000,
    "max_depth": 40,
    "max_nodes": 10**9,
    "max_aliases": 0,
    # What is slow on a machine with other work is no difference.
    "request_timeout_s": 60,
}
FOUND = """
    query ($first: Int) {
        jobs(first: $first) { edges { cursor node {
            id jobIdentifier projectId category submittedBy
            jobInputs { edges { cursor } }
            model { id identifier version name jobs(first: 2) { edges { cursor } } }
            user { id identifier jobs(first: 2) { edges { cursor } } }
        } } }
        models { edges { cursor } } users { edges { cursor } }
    }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two gateways with one key, and what may not be seen with it.

    Attributes:
        alone: Holds nothing that the key may not see.
        shared: Holds it.
        hidden: Values of what is hidden, for arguments.
    """

    alone: TestClient
    shared: TestClient
    hidden: Values


@pytest.fixture(scope="module", params=BACKENDS)
def urls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sequence[str]]:
    """Two migrated databases for each of the two pairs."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        folders = (tmp_path_factory.mktemp("tenancy") for _ in range(4))
        yield [copy_sqlite(template, folder) for folder in folders]
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name: str = request.getfixturevalue("postgresql_template")
    with ExitStack() as stack:
        yield [stack.enter_context(server.database(name)) for _ in range(4)]


@pytest.fixture(scope="module")
def accounts(urls: Sequence[str]) -> Iterator[Pair]:
    """An account alone, and beside another with much the same names."""
    key, hidden = asyncio.run(fill_accounts(*urls[:2]))
    with ExitStack() as stack:
        yield open_pair(stack, urls[:2], key, hidden)


@pytest.fixture(scope="module")
def projects(urls: Sequence[str]) -> Iterator[Pair]:
    """A project alone, and beside others of its account."""
    key, hidden = asyncio.run(fill_projects(*urls[2:]))
    with ExitStack() as stack:
        yield open_pair(stack, urls[2:], key, hidden)


def open_pair(stack: ExitStack, urls: Sequence[str], key: str, hidden: Values) -> Pair:
    """Serve both."""
    alone, shared = (
        stack.enter_context(open_client(to_settings(url), {"x-api-key": key}))
        for url in urls
    )
    return Pair(alone=alone, shared=shared, hidden=hidden)


def to_settings(url: str) -> Settings:
    """Raise the limits that a walk of the whole schema would hit."""
    return read_settings(database_url=url, **LARGE)


async def fill_accounts(alone_url: str, shared_url: str) -> tuple[str, Values]:
    """Write one account's jobs into both, and another's into the second."""
    mine, theirs = (
        [
            replace(job, job_identifier=f"{job.category}-{number}")
            for number, job in enumerate(make_jobs(owner))
        ]
        for owner in ("mine", "theirs")
    )
    async with open_both(alone_url, shared_url) as (alone, shared):
        await put(shared, "other", *theirs[: JOBS // 2])
        await put(alone, "acme", *mine)
        await put(shared, "acme", *mine)
        await put(shared, "other", *theirs[JOBS // 2 :])
        key = await put_key(alone, shared)
        asker = to_asker(to_settings(shared_url), shared, to_principal("other"))
        return key, await to_hidden(asker)


async def fill_projects(alone_url: str, shared_url: str) -> tuple[str, Values]:
    """Write one project's jobs into both, and another's into the second.

    The account numbers its jobs as they arrive, so the shared project's come first.
    """
    mine, theirs = make_jobs("mine", project_id=1), make_jobs("theirs", project_id=2)
    async with open_both(alone_url, shared_url) as (alone, shared):
        for database in (alone, shared):
            await put(database, "acme", *mine)
        await put(shared, "acme", *theirs, *make_jobs("free", project_id=None))
        await put(shared, "other", *make_jobs("others", project_id=1))
        key = await put_key(alone, shared, project_id=1)
        principal = to_principal(project_id=2)
        return key, await to_hidden(
            to_asker(to_settings(shared_url), shared, principal)
        )


@asynccontextmanager
async def open_both(*urls: str) -> AsyncIterator[Sequence[Database]]:
    """Open databases for a while."""
    async with AsyncExitStack() as stack:
        databases = [open_database(read_settings(database_url=url)) for url in urls]
        for database in databases:
            stack.push_async_callback(database.close)
        yield databases


async def put_key(
    alone: Database, shared: Database, project_id: int | None = None
) -> str:
    """Put the same key into both."""
    request = KeyRequest(account="acme", project_id=project_id, scopes=ALL_SCOPES)
    issued = await issue_key(alone, request)
    async with shared.transaction() as conn:
        await put_api_key(conn, issued.record)
    return issued.text


def make_jobs(owner: str, project_id: int | None = 7) -> list[JobRecord]:
    """Make jobs: each second has names that every owner uses, values of its own."""
    return [make_owned_job(owner, number, project_id) for number in range(JOBS)]


def make_owned_job(owner: str, number: int, project_id: int | None) -> JobRecord:
    """Make one job."""
    name = "common" if number % 2 else owner
    created_at = NOON + number * timedelta(minutes=7)
    status = STATUSES[number % len(STATUSES)]
    return make_job(
        source=SOURCES[number % 3],
        job_identifier=f"{owner}-{number}",
        project_id=project_id,
        category=name,
        label=f"{owner}'s label",
        status=status,
        model=ModelRecord(identifier=name, version=f"{number % 2}.0", name=name),
        user=UserRecord(identifier=name, first_name=name, email=f"{name}@example.org"),
        submitted_by=name,
        created_at=created_at,
        started_at=created_at,
        finished_at=created_at + timedelta(minutes=len(owner)),
        updated_at=created_at + timedelta(minutes=len(owner)),
        elapsed_ms=60_000 * len(owner),
        inputs=(JobInputRecord(identifier=f"{owner}-input"),),
        cost=MoneyRecord(amount=Decimal(len(owner)), currency="USD"),
        result=f"{owner}'s result",
        logs=JobLogs(stdout=f"{owner} printed it"),
    )


async def to_hidden(asker: Asker) -> Values:
    """Find values for all arguments in what the other one sees."""
    found = await asker.read(FOUND, first=JOBS)
    text = json.dumps(found)
    jobs = [edge["node"] for edge in found["jobs"]["edges"]]
    cursors = all_of(found, "cursor")
    assert "theirs" in text
    return {
        **dict.fromkeys(("first", "last", "limit"), ("2", "100")),
        **dict.fromkeys(("after", "before"), quote(cursors)),
        **dict.fromkeys(("id", "ids"), quote(all_of(found, "id"))),
        "jobIdentifier": quote(job["jobIdentifier"] for job in jobs),
        "identifier": quote(all_of(found, "identifier")),
        "name": quote(all_of(found, "name")),
        "user": quote({job["user"]["identifier"] for job in jobs}),
        "version": ('"0.0"', '"1.0"'),
        "category": quote(all_of(found, "category")),
        "submittedBy": quote(all_of(found, "submittedBy")),
        "projectId": [str(number) for number in all_of(found, "projectId")],
        **dict.fromkeys(("startDate", "from"), ('"2025-06-01T12:01:00Z"',)),
        **dict.fromkeys(("endDate", "to"), ('"2025-06-02T00:00:00Z"',)),
        "timeZone": ('"Europe/Paris"',),
        "fillEmpty": ("true",),
    }


def all_of(found: object, key: str) -> list[str]:
    """Find each different value of a key, at any depth."""
    values: dict[str, None] = {}

    def visit(inner: object) -> None:
        if isinstance(inner, list):
            for item in inner:
                visit(item)
        if isinstance(inner, dict):
            if isinstance(inner.get(key), str | int):
                values[inner[key]] = None
            for item in inner.values():
                visit(item)

    visit(found)
    return list(values)


def quote(values: Iterable[str]) -> list[str]:
    """Write a few texts as literals, first those that are not the other's alone."""
    ordered = sorted(values, key=lambda value: "common" not in value)
    return [json.dumps(value) for value in (*ordered[:2], *ordered[-2:])]


def walk(hidden: Values) -> Iterator[str]:
    """Give operations that reach each field and try each argument."""
    schema = to_schema()
    return Walk(
        schema=schema,
        values=hidden,
        depth=5,
        short_depth=3,
        excluded=CLOCKS,
    ).operations()


def test_the_walk_reaches_every_field_and_argument(accounts: Pair) -> None:
    text = "\n".join(walk(accounts.hidden))
    fields = {
        name
        for found in to_readable(to_schema())
        for name, field in to_fields(found).items()
        for name in (name, *(f"{argument}:" for argument in field.args))
    }
    assert {name for name in fields if name not in text} == {"serverTime", "asOf"}


def test_nothing_tells_of_another_account(accounts: Pair) -> None:
    check_answers(accounts)


def test_nothing_tells_of_another_project(projects: Pair) -> None:
    check_answers(projects)


def check_answers(pair: Pair) -> None:
    """Ask both gateways everything; what the key may see is there to be seen."""
    seen = 0
    for query in walk(pair.hidden):
        alone, shared = (
            client.post("/graphql", json=to_body(query))
            for client in (pair.alone, pair.shared)
        )
        assert shared.status_code == alone.status_code, query
        assert shared.content == alone.content, query
        seen += b"mine printed it" in shared.content
    assert seen > SEEN


def test_no_route_tells_of_another_account(accounts: Pair) -> None:
    check_routes(accounts)


def test_no_route_tells_of_another_project(projects: Pair) -> None:
    check_routes(projects)


def check_routes(pair: Pair) -> None:
    """Ask both gateways by REST; the paths are of every route that there is."""
    paths = list(make_paths(pair.hidden))
    seen = 0
    for path in paths:
        alone, shared = (client.get(path) for client in (pair.alone, pair.shared))
        assert shared.status_code == alone.status_code, path
        assert to_timeless(shared) == to_timeless(alone), path
        seen += b"mine" in shared.content
    assert seen > SEEN
    tried = {
        route.path
        for dialect in DIALECTS
        for route in dialect.routes
        if any(to_pattern(route.path).fullmatch(path) for path in paths)
    }
    assert tried == {each.path for dialect in DIALECTS for each in dialect.routes}


def to_timeless(answer: Response) -> tuple[bytes, str | None]:
    """Give body and links of an answer, without the clock of sharedcloud's jobs."""
    clock = rb'"current_server_time":"[^"]*"'
    return re.sub(clock, b"", answer.content), answer.headers.get("link")


def to_pattern(path: str) -> re.Pattern[str]:
    """Give what the paths of a route are like."""
    return re.compile(re.sub(r"\{\w+\}", "[^/?]+", path) + r"(\?.*)?")


@pytest.mark.parametrize("argument", ["after", "before"])
def test_a_cursor_of_another_account_is_refused_as_any_of_another_list(
    accounts: Pair, argument: str
) -> None:
    own = accounts.shared.post(
        "/graphql", json=to_body("{ jobs { pageInfo { endCursor } } }")
    ).json()["data"]["jobs"]["pageInfo"]["endCursor"]
    query = f"query ($at: String) {{ jobs({argument}: $at%s) {{ totalCount }} }}"
    foreign = json.loads(accounts.hidden[argument][0])
    answers = [
        accounts.shared.post("/graphql", json=to_body(query % rest, at=cursor)).json()
        for cursor, rest in ((foreign, ""), (own, ", filter: {source: [SWF]}"))
    ]
    assert to_code(answers[0]) == "INVALID_CURSOR"
    assert answers[0] == answers[1]
