from datetime import UTC, datetime

import pytest

from gateway.dialects.context import DecodeContext
from gateway.dialects.edge_impulse import decode_job, encode_job
from gateway.dialects.residue import JsonObject
from gateway.errors import DecodeError
from gateway.records import JobLogs, JobSource, JobStatus, JsonValue, UserRecord
from tests.dialects.wire import CONTEXT, sample_object

CREATED = datetime(2024, 3, 1, 9, 0, 0, 250_000, tzinfo=UTC)
FINISHED = datetime(2024, 3, 1, 9, 3, 6, tzinfo=UTC)
SMALL: JsonObject = {"id": 1, "created": "2024-03-01T09:00:00.250Z"}
ENDED: JsonObject = {
    **SMALL,
    "started": "2024-03-01T09:00:05Z",
    "finished": "2024-03-01T09:03:06Z",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", JobSource.EDGE_IMPULSE),
        ("job_identifier", "12873488112"),
        ("project_id", 5),
        ("category", "Training model"),
        ("category_key", "learn-train-studio-wrapper"),
        ("label", "keras-192"),
        ("status", JobStatus.COMPLETED),
        ("raw_status", None),
        ("created_at", CREATED),
        ("submitted_at", CREATED),
        ("started_at", datetime(2024, 3, 1, 9, 0, 5, tzinfo=UTC)),
        ("finished_at", FINISHED),
        ("updated_at", FINISHED),
        ("total", 1),
        ("completed", 1),
        ("elapsed_ms", 180_250),
        ("queue_ms", 4750),
        ("logs", None),
    ],
)
def test_the_example_has_every_field(field: str, value: object) -> None:
    context = DecodeContext(project_id=5, time_zone=CONTEXT.time_zone)
    record = decode_job(sample_object("edge_impulse.json"), context)
    assert getattr(record, field) == value


def test_the_example_names_its_user() -> None:
    assert decode_job(sample_object("edge_impulse.json"), CONTEXT).user == UserRecord(
        identifier="42",
        external_identifier="grace",
        first_name="Grace Brewster",
        last_name="Hopper",
    )


@pytest.mark.parametrize(
    ("document", "status", "items"),
    [
        pytest.param(SMALL, JobStatus.QUEUED, (1, 0, 0), id="created"),
        pytest.param(
            {**SMALL, "started": "2024-03-01T09:00:05Z", "finishedSuccessful": True},
            JobStatus.RUNNING,
            (1, 0, 0),
            id="started",
        ),
        pytest.param(
            {**ENDED, "finishedSuccessful": True},
            JobStatus.COMPLETED,
            (0, 1, 0),
            id="succeeded",
        ),
        pytest.param(
            {**ENDED, "finishedSuccessful": False},
            JobStatus.FAILED,
            (0, 0, 1),
            id="failed",
        ),
        pytest.param(ENDED, JobStatus.UNKNOWN, (0, 0, 0), id="ended without a word"),
    ],
)
def test_the_status_is_derived(
    document: JsonObject, status: JobStatus, items: tuple[int, int, int]
) -> None:
    record = decode_job(document, CONTEXT)
    assert record.status is status
    assert (record.pending, record.completed, record.failed) == items


def test_without_compute_time_the_clock_tells_the_run() -> None:
    assert decode_job(ENDED, CONTEXT).elapsed_ms == 181_000


def test_clocks_that_disagree_make_no_negative_time() -> None:
    document = {**SMALL, "started": "2024-03-01T08:59:59Z"}
    assert decode_job(document, CONTEXT).queue_ms == 0


@pytest.mark.parametrize(
    ("seconds", "elapsed_ms"), [(0.0005, 0), (0.0015, 2), (1.0049999, 1005), (7, 7000)]
)
def test_seconds_are_rounded_once(seconds: float, elapsed_ms: int) -> None:
    record = decode_job({**SMALL, "computeTime": seconds}, CONTEXT)
    assert record.elapsed_ms == elapsed_ms


@pytest.mark.parametrize(
    ("stdout", "text"),
    [
        pytest.param("all", "all", id="text"),
        pytest.param([{"data": "a\n"}, {"data": "b"}], "a\nb", id="lines"),
    ],
)
def test_the_output_is_read(stdout: JsonValue, text: str) -> None:
    record = decode_job({**SMALL, "stdout": stdout}, CONTEXT)
    assert record.logs == JobLogs(stdout=text)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [(None, None, None), ("Ada", "Ada", None), (" A B ", "A", "B"), ("", None, None)],
)
def test_a_name_is_split_at_its_last_blank(
    name: str | None, first: str | None, last: str | None
) -> None:
    user = decode_job({**SMALL, "createdByUser": {"id": 1, "name": name}}, CONTEXT).user
    assert user == UserRecord(identifier="1", first_name=first, last_name=last)


@pytest.mark.parametrize("identifier", ["007", "a", "9" * 19, 2**63 - 1, "1" * 200])
def test_an_identifier_comes_back_as_it_was(identifier: JsonValue) -> None:
    record = decode_job({**SMALL, "id": identifier}, CONTEXT)
    assert encode_job(record)["id"] == identifier


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"id": None}, "id is None", id="no id"),
        pytest.param({"id": True}, "id is True", id="no number"),
        pytest.param({"created": None}, "created is None", id="no instant"),
        pytest.param({"computeTime": -1}, "computeTime is -1", id="negative"),
        pytest.param({"computeTime": 1e300}, "computeTime", id="too long"),
        pytest.param({"stdout": [1]}, r"stdout\[0\] is 1", id="no line"),
        pytest.param({"createdByUser": {"id": -1}}, r"createdByUser\.id", id="nested"),
    ],
)
def test_a_wrong_field_is_named(change: JsonObject, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        decode_job({**SMALL, **change}, CONTEXT)
