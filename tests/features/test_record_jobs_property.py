"""Reports in any mixture and any split of calls, against plain Python one by one."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings as given_settings, strategies as st

from gateway.query.document.request import GraphqlRequest
from gateway.schema.operations import Operations
from gateway.settings import Settings
from gateway.store.database import Database, open_database
from gateway.store.usage.verify import verify_usage
from gateway.web.reply import to_json
from tests.features.asking import to_principal

NUMBERS = count(1)
EXAMPLES = {"sqlite": 40, "postgresql": 30}
SCOPES = frozenset({"jobs:read", "jobs:write"})
RECORD = """
    mutation ($jobs: [JobRecordInput!]!) {
        recordJobs(jobs: $jobs) { results { outcome } }
    }
"""
STORED = """{ jobs { nodes {
    jobIdentifier status createdAt updatedAt startedAt elapsedTime projectId label
    model { identifier version } user { identifier }
} } }"""
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
# Of a job that tells only what is needed.
UNTOLD = {
    "startedAt": None,
    "elapsedTime": None,
    "projectId": None,
    "label": None,
    "model": None,
    "user": None,
}
Report = Mapping[str, Any]
instants = st.integers(0, 5).map(lambda days: to_text(FIRST + timedelta(days=days)))
models = st.fixed_dictionaries(
    {"identifier": st.sampled_from("mn"), "version": st.sampled_from(["1", "2"])}
)
valid = st.fixed_dictionaries(
    {
        "jobIdentifier": st.sampled_from(["a", "b", "c", "d"]),
        "status": st.sampled_from(["QUEUED", "RUNNING", "COMPLETED", "FAILED"]),
        "createdAt": instants,
    },
    optional={
        "updatedAt": instants,
        "startedAt": instants,
        "elapsedTime": st.integers(0, 10**9),
        "projectId": st.sampled_from([7, 9]),
        "label": st.text(st.characters(exclude_characters="\0", codec="utf-8")),
        "model": models,
        "user": st.fixed_dictionaries({"identifier": st.sampled_from("xy")}),
    },
)
wrong = st.sampled_from(
    [
        {"elapsedTime": -1},
        {"label": "\0"},
        {"model": {"identifier": ""}},
        {"projectId": -7},
        {"jobIdentifier": "x" * 256},
    ]
)
invalid = st.builds(lambda report, bad: {**report, **bad}, valid, wrong)
calls = st.lists(
    st.lists(st.one_of(valid, valid, valid, invalid), max_size=8), max_size=6
)


def to_text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def is_right(report: Report) -> bool:
    """Tell what may be kept from what may not, as the contract says."""
    return (
        report.get("elapsedTime", 0) >= 0
        and report.get("projectId", 0) >= 0
        and len(report["jobIdentifier"]) <= 255
        and report.get("label") != "\0"
        and report.get("model") != {"identifier": ""}
    )


@dataclass(slots=True)
class Book:
    """The jobs as somebody keeps them who takes one report after the other."""

    told: dict[str, Report] = field(default_factory=dict)

    def take(self, report: Report) -> str:
        """Take a report, and say what becomes of it."""
        if not is_right(report):
            return "REJECTED"
        name = report["jobIdentifier"]
        known = self.told.get(name)
        if report == known:
            return "UNCHANGED"
        if known is not None and to_age(report) < to_age(known):
            return "OUTDATED"
        self.told[name] = report
        return "RECORDED" if known is None else "UPDATED"

    def to_jobs(self) -> dict[str, dict[str, Any]]:
        """Give the jobs as they are read."""
        return {
            name: {**UNTOLD, **report, "updatedAt": to_age(report)}
            for name, report in self.told.items()
        }


def to_age(report: Report) -> str:
    """Give when a report was updated; the days of a month are in order as text."""
    known = max(report["createdAt"], report.get("startedAt", ""))
    age: str = report.get("updatedAt", known)
    return age


@dataclass(frozen=True, slots=True)
class Side:
    """The gateway, with an account of its own for each example."""

    operations: Operations
    database: Database
    account: str

    async def ask(self, query: str, **variables: object) -> Any:  # noqa: ANN401 -- its data
        """Ask, with an answer that has no errors."""
        answer = await self.operations.execute(
            GraphqlRequest(query=query, variables=variables),
            to_principal(self.account, scopes=SCOPES),
        )
        assert "errors" not in answer.payload, to_json(answer.payload)
        return answer.payload["data"]

    async def record(self, jobs: Sequence[Report]) -> list[str]:
        """Record jobs, and give what became of each."""
        data = await self.ask(RECORD, jobs=list(jobs))
        return [each["outcome"] for each in data["recordJobs"]["results"]]

    async def read(self) -> dict[str, dict[str, Any]]:
        """Read the jobs."""
        nodes = (await self.ask(STORED))["jobs"]["nodes"]
        return {node["jobIdentifier"]: to_plain(node) for node in nodes}


def to_plain(node: Mapping[str, Any]) -> dict[str, Any]:
    """Write instants as they came."""
    return {
        name: to_text(value) if isinstance(value, datetime) else value
        for name, value in node.items()
    }


@contextmanager
def open_sides(settings: Settings, runner: asyncio.Runner) -> Iterator[Database]:
    database = open_database(settings)
    try:
        yield database
    finally:
        runner.run(database.close())


def test_any_split_of_reports_is_kept_as_if_each_came_alone(settings: Settings) -> None:
    backend = settings.database_url.get_secret_value().partition(":")[0]
    with asyncio.Runner() as runner, open_sides(settings, runner) as database:
        operations = Operations(settings, database)

        @given_settings(
            max_examples=EXAMPLES[backend],
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(calls)
        def check(split: list[list[Report]]) -> None:
            side = Side(operations, database, f"account-{next(NUMBERS)}")
            book = Book()
            for jobs in split:
                expected = [book.take(report) for report in jobs]
                assert runner.run(side.record(jobs)) == expected
            assert runner.run(side.read()) == book.to_jobs()
            assert not runner.run(verify_usage(database, side.account, limit=3))

        check()
