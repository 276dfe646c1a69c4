import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
import pytest

from gateway.dialects.context import DecodeContext
from gateway.dialects.residue import JsonObject
from gateway.dialects.sharedcloud import decode_job, encode_job
from gateway.errors import DecodeError
from gateway.records import (
    JobLogs,
    JobSource,
    JobStatus,
    JsonValue,
    ModelRecord,
    MoneyRecord,
)
from tests.dialects.wire import CONTEXT, PARIS, sample_object, shared_file

SMALL: JsonObject = {"uuid": "a", "created_at": "05-10-2018 13:20:13"}


def at(second: int, hour: int = 13) -> datetime:
    return datetime(2018, 10, 5, hour, 20, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", JobSource.SHAREDCLOUD),
        ("job_identifier", "5b045bdd-843d-401b-8d44-b8c4b4213042"),
        ("status", JobStatus.COMPLETED),
        ("raw_status", "3"),
        ("model", ModelRecord(identifier="mnist", name="mnist")),
        ("user", None),
        ("created_at", at(13)),
        ("submitted_at", at(13)),
        ("assigned_at", at(14)),
        ("started_at", at(14)),
        ("finished_at", at(35)),
        ("updated_at", at(35)),
        ("total", 1),
        ("completed", 1),
        ("elapsed_ms", 20_000),
        ("queue_ms", 1000),
        ("cost", MoneyRecord(amount=Decimal("0.08"), currency="USD")),
        ("arguments", "(512, 0.2, 10, 2)"),
        ("result", "0.9755"),
        ("instance", "504d2418-4c94-429d-8e4a-ccde12988c8b"),
        ("run", "9d192068-2201-4aa6-9428-fcb26ee11a35"),
        ("incremental_id", 0),
        ("logs", JobLogs(build_logs="pulled", stdout="out", stderr="err")),
        ("residue", {"set": {"current_server_time": "05-10-2018 16:02:02"}}),
    ],
)
def test_the_example_has_every_field(field: str, value: object) -> None:
    record = decode_job(sample_object("sharedcloud.json"), CONTEXT)
    assert getattr(record, field) == value


def test_the_public_examples_come_back() -> None:
    seed = shared_file("seeds/002_2fa6e0e00ae14513.txt").read_text()
    found = re.findall(
        r"^\{\n    \"uuid.*?^\}|^    \{\n.*?^    \}", seed, re.MULTILINE | re.DOTALL
    )
    documents = [orjson.loads(text) for text in found]
    assert len(documents) == 2
    assert documents == [
        encode_job(decode_job(document, CONTEXT), time_zone=CONTEXT.time_zone)
        for document in documents
    ]


def test_instants_are_of_the_zone_that_is_set() -> None:
    context = DecodeContext(project_id=None, time_zone=PARIS)
    assert decode_job(SMALL, context).created_at == at(13, hour=11)


# In Madrid, 02:00 to 03:00 of 27 October 2024 occurs from 00:00Z and from 01:00Z.
MADRID = DecodeContext(project_id=None, time_zone=ZoneInfo("Europe/Madrid"))


@pytest.mark.parametrize(
    ("local", "duration_s", "utc"),
    [
        pytest.param(
            ("02:29", "02:30", "02:10"),
            None,
            ("00:29", "00:30", "01:10"),
            id="ends after the change",
        ),
        pytest.param(
            ("02:05", "02:10", "02:30"),
            None,
            ("00:05", "00:10", "00:30"),
            id="the earlier, where nothing tells",
        ),
        pytest.param(
            ("02:05", "02:10", "02:30"),
            80 * 60,
            ("00:05", "00:10", "01:30"),
            id="as long as its duration",
        ),
        pytest.param(
            ("02:05", "02:10", "03:00"),
            50 * 60,
            ("00:05", "01:10", "02:00"),
            id="only the start occurs twice",
        ),
        pytest.param(
            ("01:50", "02:30", "02:40"),
            70 * 60,
            ("23:50", "00:30", "01:40"),
            id="created before",
        ),
        pytest.param(
            ("02:50", "02:10", "02:20"),
            10 * 60,
            ("00:50", "01:10", "01:20"),
            id="created before the start",
        ),
        pytest.param(
            ("02:05", "02:10", "02:30"),
            9 * 10**15,
            ("00:05", "00:10", "01:30"),
            id="a duration that cannot be",
        ),
    ],
)
def test_an_hour_that_occurs_twice_is_read_so_that_the_job_fits(
    local: tuple[str, str, str], duration_s: int | None, utc: tuple[str, str, str]
) -> None:
    created, started, finished = (f"27-10-2024 {time}:00" for time in local)
    document = {
        **SMALL,
        "created_at": created,
        "started_at": started,
        "finished_at": finished,
        "duration": duration_s,
        "status": 3,
    }
    record = decode_job(document, MADRID)
    right = [f"2024-10-{26 if time == '23:50' else 27}T{time}Z" for time in utc]
    assert [record.created_at, record.started_at, record.finished_at] == [
        datetime.fromisoformat(time) for time in right
    ]
    if duration_s is None:
        length = datetime.fromisoformat(right[2]) - datetime.fromisoformat(right[1])
        assert record.elapsed_ms == length / timedelta(milliseconds=1)
    assert encode_job(record, time_zone=MADRID.time_zone) == document


def test_a_time_that_the_clocks_skip_is_read_as_before_the_change() -> None:
    document = {**SMALL, "created_at": "31-03-2024 02:30:00"}
    right = datetime.fromisoformat("2024-03-31T01:30Z")
    assert decode_job(document, MADRID).created_at == right


def test_a_fresh_server_time_replaces_the_one_of_the_document() -> None:
    record = decode_job(sample_object("sharedcloud.json"), CONTEXT)
    document = encode_job(record, time_zone=PARIS, server_time=at(0))
    assert document["current_server_time"] == "05-10-2018 15:20:00"


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (1, JobStatus.QUEUED),
        (2, JobStatus.RUNNING),
        (3, JobStatus.COMPLETED),
        (4, JobStatus.FAILED),
        (5, JobStatus.TIMEDOUT),
        (3.0, JobStatus.COMPLETED),
        (3.5, JobStatus.UNKNOWN),
        (6, JobStatus.UNKNOWN),
        ("3", JobStatus.UNKNOWN),
        (True, JobStatus.UNKNOWN),
        (None, JobStatus.UNKNOWN),
    ],
)
def test_a_number_is_a_status(number: JsonValue, status: JobStatus) -> None:
    assert decode_job({**SMALL, "status": number}, CONTEXT).status is status


@pytest.mark.parametrize(
    ("cost", "amount"),
    [(0, "0"), (0.1, "0.1"), (1e-9, "0.000000001"), (1.0000000004, "1")],
)
def test_a_cost_is_its_digits(cost: float, amount: str) -> None:
    money = decode_job({**SMALL, "cost": cost}, CONTEXT).cost
    assert money == MoneyRecord(amount=Decimal(amount), currency="USD")


def test_without_duration_the_clock_tells_the_run() -> None:
    document = {**sample_object("sharedcloud.json"), "duration": None}
    assert decode_job(document, CONTEXT).elapsed_ms == 21_000


def test_a_job_without_creation_is_as_old_as_what_is_known() -> None:
    document = {**SMALL, "created_at": None, "started_at": "05-10-2018 13:20:14"}
    assert decode_job(document, CONTEXT).created_at == at(14)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"uuid": None}, "uuid is None", id="no uuid"),
        pytest.param({"created_at": None}, "created_at is None", id="no instant"),
        pytest.param({"created_at": "2018-10-05"}, "DD-MM-YYYY", id="another form"),
        pytest.param({"created_at": "31-02-2018 00:00:00"}, "DD-MM", id="no day"),
        pytest.param({"created_at": 5}, "created_at is 5", id="no text"),
        pytest.param({"cost": "0.08"}, "cost is '0.08'", id="cost as text"),
        pytest.param({"cost": 1e12}, "cost", id="cost too high"),
        pytest.param({"incremental_id": 2**31}, "incremental_id", id="32 bits"),
        pytest.param({"result": 1}, "result is 1", id="result"),
    ],
)
def test_a_wrong_field_is_named(change: JsonObject, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        decode_job({**SMALL, **change}, CONTEXT)


def test_an_instant_that_leaves_the_calendar_is_refused() -> None:
    context = DecodeContext(project_id=None, time_zone=PARIS)
    with pytest.raises(DecodeError, match="DD-MM-YYYY"):
        decode_job({**SMALL, "created_at": "01-01-0001 00:00:00"}, context)
