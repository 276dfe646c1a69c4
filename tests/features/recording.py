"""Systems that report their jobs to a gateway over HTTP, with keys of their own."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from starlette.testclient import TestClient

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.settings import Settings
from gateway.store.database import open_database
from gateway.store.usage.verify import verify_usage
from tests.features.clients import open_client, to_body

WRITER = ("jobs:read", "jobs:write", "usage:read")
RECORD = """
    mutation ($jobs: [JobRecordInput!]!) {
        recordJobs(jobs: $jobs) {
            recorded updated unchanged outdated rejected
            results {
                index jobIdentifier outcome error { code message }
                job { jobIdentifier source accountIdentifier projectId status label }
            }
        }
    }
"""
INSTANT = "2026-03-02T09:00:00Z"
# A job with a value for every field.
FULL: Mapping[str, Any] = {
    "jobIdentifier": "full",
    "status": "COMPLETED",
    "createdAt": INSTANT,
    "updatedAt": "2026-03-02T10:31:00Z",
    "projectId": 7,
    "category": "Training",
    "categoryKey": "train",
    "label": "night run",
    "rawStatus": "done",
    "model": {"identifier": "mnist", "version": "1.0", "name": "MNIST"},
    "user": {
        "identifier": "ada",
        "externalIdentifier": "ext-1",
        "firstName": "Ada",
        "lastName": "Byron",
        "email": "ada@example.com",
        "status": "active",
        "title": "Analyst",
    },
    "submittedBy": "ei_1",
    "submittedAt": "2026-03-02T09:00:01Z",
    "assignedAt": "2026-03-02T09:00:02Z",
    "startedAt": "2026-03-02T09:00:30Z",
    "finishedAt": "2026-03-02T09:30:30Z",
    "total": 3,
    "pending": 0,
    "completed": 2,
    "failed": 1,
    "elapsedTime": 1_800_000,
    "queueTime": 29_000,
    "timeout": 3_600_000,
    "explain": True,
    "imageClassificationModel": False,
    "inputByteAmount": str(2**60),
    "jobInputs": [
        {
            "identifier": "first",
            "status": "FAILED",
            "startedAt": INSTANT,
            "finishedAt": INSTANT,
            "elapsedTime": 5,
            "byteAmount": 6,
            "error": "too long",
        }
    ],
    "cost": {"amount": "0.12", "currency": "USD"},
    "arguments": "(512, 0.2)",
    "result": "0.97",
    "instance": "gpu-1",
    "run": "batch-1",
    "incrementalId": 0,
    "processors": 4,
    "requestedProcessors": 8,
    "buildLogs": "pulled",
    "stdout": "out",
    "stderr": "err",
}


def make_report(identifier: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON values
    """Make a job as its system reports it."""
    report = {"jobIdentifier": identifier, "status": "QUEUED", "createdAt": INSTANT}
    return report | changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """A gateway, and a key to write with."""

    client: TestClient
    settings: Settings
    key: str

    def post(self, query: str, **variables: object) -> Any:  # noqa: ANN401 -- an HTTP answer
        """Send an operation."""
        headers = {"x-api-key": self.key}
        return self.client.post(
            "/graphql", json=to_body(query, **variables), headers=headers
        )

    def record(self, *jobs: Mapping[str, Any]) -> dict[str, Any]:
        """Record jobs in one call that must succeed."""
        answer = self.post(RECORD, jobs=jobs).json()
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]["recordJobs"]
        return found

    def read(self, query: str, **variables: object) -> dict[str, Any]:
        """Ask, with an answer that has no errors."""
        answer = self.post(query, **variables).json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def with_key(
        self,
        account: str = "acme",
        *,
        project_id: int | None = None,
        scopes: Sequence[str] = WRITER,
    ) -> "Reporter":
        """Give somebody with another key of the same gateway."""
        key = asyncio.run(make_key(self.settings, account, project_id, scopes))
        return replace(self, key=key)


@contextmanager
def open_reporter(settings: Settings) -> Iterator[Reporter]:
    """Serve a gateway to somebody who may write to all of the account `acme`."""
    with open_client(settings) as client:
        unknown = Reporter(client=client, settings=settings, key="")
        yield unknown.with_key()


async def make_key(
    settings: Settings, account: str, project_id: int | None, scopes: Sequence[str]
) -> str:
    """Make a key."""
    database = open_database(settings)
    request = KeyRequest(account=account, project_id=project_id, scopes=scopes)
    issued = await issue_key(database, request)
    await database.close()
    return issued.text


def to_outcomes(answer: Mapping[str, Any]) -> list[str]:
    """Give what became of each job."""
    return [result["outcome"] for result in answer["results"]]


def verify(settings: Settings, account: str = "acme") -> list[str]:
    """Compare the account's usage figures with its jobs."""

    async def run() -> list[str]:
        database = open_database(settings)
        found = await verify_usage(database, account, limit=3)
        await database.close()
        return list(map(str, found))

    return asyncio.run(run())
