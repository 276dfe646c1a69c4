from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from gateway.dialects.modzy import decode_job, encode_job
from gateway.dialects.residue import JsonObject
from gateway.errors import DecodeError
from gateway.records import JobInputRecord, JobSource, JobStatus, JsonValue
from tests.dialects.wire import CONTEXT, sample_object, shared_file

SUBMITTED = datetime(2021, 7, 20, 1, 40, 11, 560_000, tzinfo=UTC)
STARTED = SUBMITTED + timedelta(milliseconds=440)
SMALL: JsonObject = {
    "jobIdentifier": "a",
    "createdAt": "2021-07-20T01:40:11.000+00:00",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", JobSource.MODZY),
        ("job_identifier", "0f7a2c1e-6f5b-4c57-9a43-0d4f3c1b2a10"),
        ("status", JobStatus.COMPLETED),
        ("raw_status", "COMPLETED"),
        ("submitted_by", "pq3xRt"),
        ("created_at", datetime(2021, 7, 20, 1, 40, 11, 187_000, tzinfo=UTC)),
        ("submitted_at", SUBMITTED),
        ("assigned_at", None),
        ("started_at", STARTED),
        ("finished_at", STARTED + timedelta(milliseconds=1345)),
        ("updated_at", datetime(2021, 7, 20, 1, 40, 14, tzinfo=UTC)),
        ("total", 2),
        ("pending", 0),
        ("completed", 1),
        ("failed", 1),
        ("elapsed_ms", 1345),
        ("queue_ms", 440),
        ("timeout_ms", 99999),
        ("explain", False),
        ("image_classification_model", True),
        ("input_bytes", 12345),
        ("cost", None),
    ],
)
def test_the_example_has_every_field(field: str, value: object) -> None:
    assert getattr(decode_job(sample_object("modzy.json"), CONTEXT), field) == value


def test_the_example_names_its_model_and_its_user() -> None:
    fields = asdict(decode_job(sample_object("modzy.json"), CONTEXT))
    assert fields["model"] == {
        "identifier": "ed542963de",
        "version": "1.0.1",
        "name": "Sentiment Analysis",
    }
    assert fields["user"] == {
        "identifier": "u-1",
        "external_identifier": "ext-1",
        "first_name": "Ada",
        "last_name": "Byron",
        "email": "ada@example.com",
        "status": "active",
        "title": "Analyst",
    }


def test_the_example_has_state_and_times_of_its_inputs() -> None:
    inputs = decode_job(sample_object("modzy.json"), CONTEXT).inputs
    assert inputs == (
        JobInputRecord(
            identifier="first",
            status=JobStatus.COMPLETED,
            started_at=STARTED,
            elapsed_ms=500,
        ),
        JobInputRecord(identifier="second", status=JobStatus.FAILED, error="too long"),
    )


def test_the_example_has_the_fields_of_the_public_one() -> None:
    seed = shared_file("seeds/001_43211c6c9236c58b.txt").read_text()
    names = [line.split('"')[1] for line in seed.splitlines() if line[:5] == '    "']
    assert names
    assert set(names) <= sample_object("modzy.json").keys()


@pytest.mark.parametrize("field", ["submittedBy", "submittedByKey", "accessKey"])
def test_the_body_of_a_key_is_nowhere(field: str) -> None:
    record = decode_job({**SMALL, field: "prefix.body"}, CONTEXT)
    assert b"body" not in orjson.dumps(asdict(record))
    assert encode_job(record)[field] == "prefix"


@pytest.mark.parametrize("value", [{"key": "a.body"}, ["a.body"], 'a\0"body'])
def test_a_key_that_is_no_text_is_refused_and_not_shown(value: JsonValue) -> None:
    with pytest.raises(DecodeError, match="submittedBy") as caught:
        decode_job({**SMALL, "submittedBy": value}, CONTEXT)
    assert "body" not in caught.value.message


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("OPEN", JobStatus.QUEUED),
        ("SUBMITTED", JobStatus.QUEUED),
        (None, JobStatus.QUEUED),
        ("IN_PROGRESS", JobStatus.RUNNING),
        ("Completed", JobStatus.COMPLETED),
        ("ERROR", JobStatus.FAILED),
        ("CANCELED", JobStatus.CANCELED),
        ("TIMEDOUT", JobStatus.TIMEDOUT),
        ("PAUSED", JobStatus.UNKNOWN),
        (7, JobStatus.UNKNOWN),
    ],
)
def test_a_word_is_a_status(word: JsonValue, status: JobStatus) -> None:
    record = decode_job({**SMALL, "status": word}, CONTEXT)
    assert (record.status, record.raw_status) == (status, word and str(word))


@pytest.mark.parametrize(
    ("status", "has_started", "has_finished"),
    [
        ("SUBMITTED", False, False),
        ("IN_PROGRESS", True, False),
        ("TIMEDOUT", True, True),
    ],
)
def test_a_job_has_the_times_of_its_state(
    *, status: str, has_started: bool, has_finished: bool
) -> None:
    document = {**sample_object("modzy.json"), "status": status}
    record = decode_job(document, CONTEXT)
    assert (record.started_at is not None) is has_started
    assert (record.finished_at is not None) is has_finished


@pytest.mark.parametrize(("elapsed_ms", "has_started"), [(None, False), (5, True)])
def test_a_job_that_is_canceled_while_it_is_queued_has_not_started(
    elapsed_ms: int | None, *, has_started: bool
) -> None:
    document = sample_object("modzy.json")
    document |= {"status": "CANCELED", "elapsedTime": elapsed_ms}
    record = decode_job(document, CONTEXT)
    assert (record.started_at is not None) is has_started


def test_an_identifier_and_an_instant_are_enough() -> None:
    document: JsonObject = {"jobIdentifier": "a", "updatedAt": "2021-07-20T01:40:11"}
    record = decode_job(document, CONTEXT)
    assert record.created_at == record.updated_at == SUBMITTED.replace(microsecond=0)
    assert (record.total, record.model, record.user) == (0, None, None)


def test_a_total_that_is_missing_counts_the_inputs_of_a_submission() -> None:
    document = {**SMALL, "jobInputs": {"identifier": ["x", "y"]}}
    assert decode_job(document, CONTEXT).total == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"jobIdentifier": ""}, "jobIdentifier is ''", id="empty"),
        pytest.param({"jobIdentifier": "x" * 256}, "255", id="long"),
        pytest.param({"jobIdentifier": "\0"}, "NUL", id="NUL"),
        pytest.param({"extra": ["\0"]}, "NUL", id="NUL in what is kept"),
        pytest.param({"createdAt": None}, "createdAt, submittedAt", id="no instant"),
        pytest.param({"createdAt": "yesterday"}, "ISO 8601", id="no date"),
        pytest.param({"createdAt": "0001-01-01T00:00:00+05:00"}, "ISO", id="year 0"),
        pytest.param({"total": 2**31}, "total is 2147483648", id="too many"),
        pytest.param({"failed": -1}, "failed is -1", id="negative"),
        pytest.param({"total": True}, "total is True", id="no number"),
        pytest.param({"timeout": 2**63}, "timeout", id="beyond 64 bits"),
        pytest.param({"elapsedTime": 1.5}, "elapsedTime is 1.5", id="part of a ms"),
        pytest.param({"explain": "yes"}, "explain is 'yes'", id="no flag"),
        pytest.param({"model": "m"}, "model is 'm'", id="no object"),
        pytest.param({"model": {"name": 1}}, r"model\.name is 1", id="nested"),
        pytest.param({"jobInputs": [1]}, r"jobInputs\[0\] is 1", id="in a list"),
        pytest.param({"status": {"a": 2**64}}, "status", id="word beyond JSON"),
    ],
)
def test_a_wrong_field_is_named(change: JsonObject, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        decode_job({**SMALL, **change}, CONTEXT)


def test_times_beyond_the_year_9999_are_refused() -> None:
    document = {**sample_object("modzy.json"), "queueTime": 2**62}
    with pytest.raises(DecodeError, match="year 9999"):
        decode_job(document, CONTEXT)


@pytest.mark.parametrize("document", [None, [], "text", 1])
def test_what_is_no_object_is_refused(document: JsonValue) -> None:
    with pytest.raises(DecodeError, match="right is a JSON object"):
        decode_job(document, CONTEXT)
