from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal

import orjson
import pytest

from gateway.dialects.context import DecodeContext
from gateway.dialects.ndjson import JOB_KEYS, decode_job, encode_job
from gateway.dialects.residue import JsonObject
from gateway.errors import DecodeError
from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobSource,
    JobStatus,
    ModelRecord,
    MoneyRecord,
    UserRecord,
)
from tests.dialects.wire import CONTEXT

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SMALL: JsonObject = {
    "jobIdentifier": "a",
    "status": "COMPLETED",
    "createdAt": "2024-05-01T12:00:00Z",
}
WHOLE: JsonObject = {
    "jobIdentifier": "a",
    "source": "SHAREDCLOUD",
    "accountIdentifier": "acct",
    "projectId": 5,
    "category": "Training",
    "categoryKey": "train",
    "label": "l",
    "status": "RUNNING",
    "rawStatus": "2",
    "model": {"identifier": "m", "version": "1", "name": "n"},
    "user": {
        "identifier": "u",
        "externalIdentifier": "e",
        "firstName": "A",
        "lastName": "B",
        "email": "a@example.com",
        "status": "active",
        "title": "t",
    },
    "submittedBy": "prefix",
    "createdAt": "2024-05-01T12:00:00Z",
    "submittedAt": "2024-05-01T12:00:00.000001Z",
    "assignedAt": "2024-05-01T12:00:01Z",
    "startedAt": "2024-05-01T12:00:02Z",
    "finishedAt": "2024-05-01T12:00:03Z",
    "updatedAt": "2024-05-01T12:00:04Z",
    "total": 6,
    "pending": 1,
    "completed": 2,
    "failed": 3,
    "elapsedTime": 1,
    "queueTime": 2,
    "timeout": 3,
    "explain": True,
    "imageClassificationModel": False,
    "inputByteAmount": 4,
    "jobInputs": [
        {
            "identifier": "i",
            "status": "FAILED",
            "startedAt": "2024-05-01T12:00:02Z",
            "finishedAt": "2024-05-01T12:00:03Z",
            "elapsedTime": 1,
            "byteAmount": 2,
            "error": "x",
        }
    ],
    "cost": {"amount": "0.08", "currency": "USD"},
    "arguments": "()",
    "result": "r",
    "instance": "i",
    "run": "r",
    "incrementalId": -1,
    "processors": 4,
    "requestedProcessors": 8,
    "buildLogs": "b",
    "stdout": "o",
    "stderr": "e",
}


def test_a_document_may_have_every_field() -> None:
    assert tuple(WHOLE) == JOB_KEYS
    assert encode_job(decode_job(WHOLE, CONTEXT)) == WHOLE


def test_only_what_the_record_cannot_hold_is_kept() -> None:
    record = decode_job(WHOLE, CONTEXT)
    assert record.residue == {"ndjson": {"set": {"accountIdentifier": "acct"}}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", JobSource.SHAREDCLOUD),
        ("status", JobStatus.RUNNING),
        ("model", ModelRecord(identifier="m", version="1", name="n")),
        ("submitted_at", NOON.replace(microsecond=1)),
        ("cost", MoneyRecord(amount=Decimal("0.08"), currency="USD")),
        ("logs", JobLogs(build_logs="b", stdout="o", stderr="e")),
        (
            "user",
            UserRecord(
                identifier="u",
                external_identifier="e",
                first_name="A",
                last_name="B",
                email="a@example.com",
                status="active",
                title="t",
            ),
        ),
        (
            "inputs",
            (
                JobInputRecord(
                    identifier="i",
                    status=JobStatus.FAILED,
                    started_at=NOON.replace(second=2),
                    finished_at=NOON.replace(second=3),
                    elapsed_ms=1,
                    input_bytes=2,
                    error="x",
                ),
            ),
        ),
    ],
)
def test_a_field_is_read(field: str, value: object) -> None:
    assert getattr(decode_job(WHOLE, CONTEXT), field) == value


def test_three_fields_are_enough() -> None:
    context = DecodeContext(project_id=9, time_zone=CONTEXT.time_zone)
    record = decode_job(SMALL, context)
    assert (record.source, record.project_id) == (JobSource.GATEWAY, 9)
    assert (record.total, record.completed) == (1, 1)
    assert record.updated_at == NOON


def test_a_missing_total_is_the_sum_of_the_items() -> None:
    record = decode_job({**SMALL, "pending": 2, "failed": 1}, CONTEXT)
    assert (record.total, record.completed) == (3, 0)


def test_the_update_is_the_latest_instant_where_it_is_missing() -> None:
    document = {**SMALL, "startedAt": "2024-05-01T15:00:00+02:00"}
    assert decode_job(document, CONTEXT).updated_at == NOON.replace(hour=13)


def test_the_body_of_a_key_is_nowhere() -> None:
    record = decode_job({**SMALL, "submittedBy": "prefix.body"}, CONTEXT)
    assert record.submitted_by == "prefix"
    assert b"body" not in orjson.dumps(asdict(record))


@pytest.mark.parametrize(
    ("amount", "digits"), [("1e3", "1000"), (0.08, "0.08"), (3, "3"), ("2.50", "2.5")]
)
def test_an_amount_is_text_or_a_number(amount: str | float, digits: str) -> None:
    document: JsonObject = {**SMALL, "cost": {"amount": amount, "currency": "EUR"}}
    cost = decode_job(document, CONTEXT).cost
    assert cost == MoneyRecord(amount=Decimal(digits), currency="EUR")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"stat_us": 1}, "did you mean status", id="misspelt"),
        pytest.param({"zzz": 1}, "right are jobIdentifier, source", id="unknown"),
        pytest.param({"model": {"id": "m"}}, r"model\.id is no field", id="in model"),
        pytest.param({"user": {"x": 1}}, r"user\.x is no field", id="in user"),
        pytest.param({"jobInputs": [{"x": 1}]}, r"jobInputs\[0\]\.x", id="in inputs"),
        pytest.param({"cost": {"x": 1}}, r"cost\.x is no field", id="in cost"),
        pytest.param({"jobIdentifier": None}, "jobIdentifier is None", id="no id"),
        pytest.param({"status": None}, "status is None; right is one", id="no status"),
        pytest.param({"status": "COMPLETE"}, "did you mean COMPLETED", id="status"),
        pytest.param({"source": "MODSY"}, "did you mean MODZY", id="source"),
        pytest.param({"createdAt": None}, "createdAt is None", id="no instant"),
        pytest.param({"createdAt": "2024-05-01T12:00:00"}, "offset", id="no offset"),
        pytest.param({"createdAt": "2024-05-01"}, "RFC 3339", id="no time"),
        pytest.param({"model": {"name": "n"}}, r"model\.identifier", id="no model"),
        pytest.param({"cost": {"amount": "NaN", "currency": "EUR"}}, "NaN", id="NaN"),
        pytest.param(
            {"cost": {"amount": "x", "currency": "EUR"}}, "decimal", id="money"
        ),
        pytest.param({"cost": {"amount": "1"}}, r"cost\.currency", id="no currency"),
        pytest.param(
            {"cost": {"amount": 1, "currency": "EURO"}},
            "'EURO'; right is a code of three letters",
            id="four letters",
        ),
        pytest.param({"cost": {"amount": 1, "currency": "€€€"}}, "three", id="signs"),
        pytest.param({"cost": {"amount": 1, "currency": "usd\n"}}, "three", id="line"),
        pytest.param({"pending": 2**31 - 1, "failed": 1}, "total", id="too many"),
    ],
)
def test_a_wrong_field_is_named(change: JsonObject, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        decode_job({**SMALL, **change}, CONTEXT)
