"""The source systems' example documents, imported and asked back, field by field."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.cli.importing import ImportRequest, import_files
from gateway.dialects.context import DecodeContext
from gateway.schema.contract import to_schema
from gateway.settings import Settings
from gateway.store.database import Database
from tests.features.asking import to_asker
from tests.features.walking import to_fields

SAMPLES = Path(__file__).parents[1] / "dialects/samples"
QUERY = """
    query ($jobIdentifier: String!) {
        job(jobIdentifier: $jobIdentifier) {
            jobIdentifier source accountIdentifier projectId
            category categoryKey label status rawStatus
            model { identifier version name }
            user {
                identifier source externalIdentifier firstName lastName email status
                title
            }
            submittedBy
            createdAt submittedAt assignedAt startedAt finishedAt updatedAt
            total pending completed failed
            elapsedTime queueTime timeout
            explain imageClassificationModel inputByteAmount
            jobInputs { totalCount nodes {
                identifier status startedAt finishedAt elapsedTime byteAmount error
            } }
            cost { amount currency }
            arguments result instance run incrementalId
            processors requestedProcessors
            buildLogs stdout stderr
        }
    }
"""
NO_INPUTS = {"totalCount": 0, "nodes": []}
MODZY = {
    "jobIdentifier": "0f7a2c1e-6f5b-4c57-9a43-0d4f3c1b2a10",
    "source": "MODZY",
    "status": "COMPLETED",
    "rawStatus": "COMPLETED",
    "model": {
        "identifier": "ed542963de",
        "version": "1.0.1",
        "name": "Sentiment Analysis",
    },
    "user": {
        "identifier": "u-1",
        "source": "MODZY",
        "externalIdentifier": "ext-1",
        "firstName": "Ada",
        "lastName": "Byron",
        "email": "ada@example.com",
        "status": "active",
        "title": "Analyst",
    },
    "submittedBy": "pq3xRt",
    "createdAt": "2021-07-20T01:40:11.187000Z",
    "submittedAt": "2021-07-20T01:40:11.560000Z",
    "startedAt": "2021-07-20T01:40:12Z",
    "finishedAt": "2021-07-20T01:40:13.345000Z",
    "updatedAt": "2021-07-20T01:40:14Z",
    "total": 2,
    "completed": 1,
    "failed": 1,
    "elapsedTime": 1345,
    "queueTime": 440,
    "timeout": 99999,
    "explain": False,
    "imageClassificationModel": True,
    "inputByteAmount": 12345,
    "jobInputs": {
        "totalCount": 2,
        "nodes": [
            {
                "identifier": "first",
                "status": "COMPLETED",
                "startedAt": "2021-07-20T01:40:12Z",
                "finishedAt": None,
                "elapsedTime": 500,
                "byteAmount": None,
                "error": None,
            },
            {
                "identifier": "second",
                "status": "FAILED",
                "startedAt": None,
                "finishedAt": None,
                "elapsedTime": None,
                "byteAmount": None,
                "error": "too long",
            },
        ],
    },
}
EDGE_IMPULSE = {
    "jobIdentifier": "12873488112",
    "source": "EDGE_IMPULSE",
    "category": "Training model",
    "categoryKey": "learn-train-studio-wrapper",
    "label": "keras-192",
    "status": "COMPLETED",
    "user": {
        "identifier": "42",
        "source": "EDGE_IMPULSE",
        "externalIdentifier": "grace",
        "firstName": "Grace Brewster",
        "lastName": "Hopper",
        "email": None,
        "status": None,
        "title": None,
    },
    "createdAt": "2024-03-01T09:00:00.250000Z",
    "submittedAt": "2024-03-01T09:00:00.250000Z",
    "startedAt": "2024-03-01T09:00:05Z",
    "finishedAt": "2024-03-01T09:03:06Z",
    "updatedAt": "2024-03-01T09:03:06Z",
    "completed": 1,
    "elapsedTime": 180_250,
    "queueTime": 4_750,
    "jobInputs": NO_INPUTS,
}
SHAREDCLOUD = {
    "jobIdentifier": "5b045bdd-843d-401b-8d44-b8c4b4213042",
    "source": "SHAREDCLOUD",
    "status": "COMPLETED",
    "rawStatus": "3",
    "model": {"identifier": "mnist", "version": None, "name": "mnist"},
    "createdAt": "2018-10-05T13:20:13Z",
    "submittedAt": "2018-10-05T13:20:13Z",
    "assignedAt": "2018-10-05T13:20:14Z",
    "startedAt": "2018-10-05T13:20:14Z",
    "finishedAt": "2018-10-05T13:20:35Z",
    "updatedAt": "2018-10-05T13:20:35Z",
    "completed": 1,
    "elapsedTime": 20_000,
    "queueTime": 1_000,
    "cost": {"amount": "0.08", "currency": "USD"},
    "arguments": "(512, 0.2, 10, 2)",
    "result": "0.9755",
    "instance": "504d2418-4c94-429d-8e4a-ccde12988c8b",
    "run": "9d192068-2201-4aa6-9428-fcb26ee11a35",
    "incrementalId": 0,
    "buildLogs": "pulled",
    "stdout": "out",
    "stderr": "err",
    "jobInputs": NO_INPUTS,
}
# Of a job that says nothing of them.
DEFAULTS = {"total": 1, "pending": 0, "completed": 0, "failed": 0}
EXAMPLES = {
    "modzy": ("modzy.json", MODZY),
    "edge-impulse": ("edge_impulse.json", EDGE_IMPULSE),
    "sharedcloud": ("sharedcloud.json", SHAREDCLOUD),
}


@pytest.mark.parametrize("format_name", EXAMPLES)
async def test_an_example_is_asked_back_with_every_field(
    settings: Settings, database: Database, format_name: str
) -> None:
    file_name, told = EXAMPLES[format_name]
    await import_files(
        database,
        ImportRequest(
            format_name=format_name,
            paths=(SAMPLES / file_name,),
            account="acme",
            context=DecodeContext(project_id=7, time_zone=ZoneInfo("UTC")),
        ),
    )
    asker = to_asker(settings, database)
    found = await asker.read(QUERY, jobIdentifier=told["jobIdentifier"])
    assert found["job"] == expect(told)


def expect(told: dict[str, Any]) -> dict[str, Any]:
    """Give what is expected of each field: null, where the document tells nothing."""
    fields = set(to_fields(to_schema().type_map["Job"])) - {"id"}
    given = {"accountIdentifier": "acme", "projectId": 7}
    return {**dict.fromkeys(fields), **given, **DEFAULTS, **told}
