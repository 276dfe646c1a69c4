import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from gateway.dialects import modzy
from gateway.dialects.context import DecodeContext
from gateway.dialects.registry import DecodedJob, Rejection, decode_lines
from gateway.dialects.swf import (
    SwfHeader,
    decode_header,
    decode_row,
    encode_row,
    to_plain_number,
)
from gateway.errors import DecodeError
from gateway.records import JobSource, JobStatus, ModelRecord, UserRecord
from tests.dialects.wire import CONTEXT, SAMPLES, sample_object, shared_file

START = datetime(2005, 11, 20, 0, 0, 5, tzinfo=UTC)
HEADER = SwfHeader(start=START, partitions={"1": "grid.example.org"})
ROW = "2 60 30 10.5 4 -1 -1 4 600 -1 1 12 6 9 3 1 1 5"
CREATED = START + timedelta(seconds=60)


def with_column(number: int, value: str) -> str:
    columns = ROW.split()
    return " ".join((*columns[: number - 1], value, *columns[number:]))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", JobSource.SWF),
        ("job_identifier", "2"),
        ("category", "3"),
        ("status", JobStatus.COMPLETED),
        ("raw_status", "1"),
        ("model", ModelRecord(identifier="9")),
        ("user", UserRecord(identifier="12")),
        ("created_at", CREATED),
        ("submitted_at", CREATED),
        ("started_at", CREATED + timedelta(seconds=30)),
        ("finished_at", CREATED + timedelta(seconds=40.5)),
        ("updated_at", CREATED + timedelta(seconds=40.5)),
        ("total", 1),
        ("completed", 1),
        ("elapsed_ms", 10_500),
        ("queue_ms", 30_000),
        ("timeout_ms", 600_000),
        ("processors", 4),
        ("requested_processors", 4),
        ("instance", "grid.example.org"),
        ("residue", {"row": ROW}),
    ],
)
def test_a_row_has_every_field(field: str, value: object) -> None:
    assert getattr(decode_row(ROW, HEADER, CONTEXT), field) == value


@pytest.mark.parametrize(
    ("column", "value", "field", "expected"),
    [
        pytest.param(3, "-1", "started_at", CREATED, id="no wait"),
        pytest.param(4, "-1", "finished_at", None, id="no run"),
        pytest.param(9, "-1", "timeout_ms", None, id="no time asked for"),
        pytest.param(12, "-1", "user", None, id="no user"),
        pytest.param(5, "-1", "processors", None, id="no processors"),
        pytest.param(5, "1.5", "processors", None, id="half a processor"),
        pytest.param(8, "-1.0", "requested_processors", None, id="none asked for"),
        pytest.param(8, f"{2**31}", "requested_processors", None, id="too many"),
        pytest.param(14, "-1", "model", None, id="no executable"),
        pytest.param(15, "-1", "category", "6", id="no queue but a group"),
        pytest.param(16, "-1", "instance", None, id="no partition"),
        pytest.param(16, "8", "instance", "8", id="a partition without a name"),
    ],
)
def test_what_is_unknown_is_left_out(
    column: int, value: str, field: str, expected: object
) -> None:
    record = decode_row(with_column(column, value), HEADER, CONTEXT)
    assert getattr(record, field) == expected


@pytest.mark.parametrize(
    ("word", "status", "items"),
    [
        ("0", JobStatus.FAILED, (0, 0, 1)),
        ("1", JobStatus.COMPLETED, (0, 1, 0)),
        ("5", JobStatus.CANCELED, (0, 0, 1)),
        ("2", JobStatus.UNKNOWN, (0, 0, 0)),
        ("-1", JobStatus.UNKNOWN, (0, 0, 0)),
    ],
)
def test_a_number_is_a_status(
    word: str, status: JobStatus, items: tuple[int, int, int]
) -> None:
    record = decode_row(with_column(11, word), HEADER, CONTEXT)
    assert (record.status, record.raw_status) == (status, word)
    assert (record.pending, record.completed, record.failed) == items


PLAIN = decode_row("1 0 5 10 1 -1 -1 1 60 -1 1 4 -1 -1 2 -1 -1 -1", HEADER, CONTEXT)


@pytest.mark.parametrize(
    "row",
    [
        "1.0 0.0 5.0 10.0 1.0 -1.0 -1 1.0 60.0 -1.0 1.0 4.0 -1.0 -1.0 2.0 -1.0 -1 -1",
        "01 00 05 010 01 -1 -1 01 060 -1 01 04 -01 -1 02 -1 -1 -1",
        "1 -0 5 10 1 -1 -1 1 60 -1 1.00 4 -1 -01.0 2 -1 -1 -1",
        "1 0 5 10 1 -1 -1 1 60 -1 1 4 -1 -1.0 2 -1 -1 -1",
    ],
    ids=["fractions", "leading zeros", "signs", "one fraction"],
)
def test_a_number_is_the_same_however_it_is_spelt(row: str) -> None:
    record = decode_row(row, HEADER, CONTEXT)
    assert encode_row(record) == row
    assert replace(record, residue=PLAIN.residue) == PLAIN


@pytest.mark.parametrize(
    ("spelt", "plain"),
    [
        ("0", "0"),
        ("-0.0", "0"),
        ("100", "100"),
        ("10.50", "10.5"),
        ("0.05", "0.05"),
        ("-1.0", "-1"),
        ("-00.50", "-0.5"),
    ],
)
def test_a_number_is_written_without_needless_zeros(spelt: str, plain: str) -> None:
    assert to_plain_number(spelt) == plain


def test_more_than_18_columns_are_kept_and_not_read() -> None:
    record = decode_row(f"{ROW}\t7 8  nine \r", HEADER, CONTEXT)
    right = decode_row(ROW, HEADER, CONTEXT)
    assert encode_row(record) == f"{ROW} 7 8 nine"
    assert replace(record, residue=right.residue) == right


def test_a_queue_is_named_by_the_header() -> None:
    lines = ["; UnixStartTime: 5", "; Queue: 00 interactive", "; Partition: 01 a b "]
    header = decode_header(lines)
    assert (header.queues, header.partitions) == ({"0": "interactive"}, {"1": "a b"})
    for queue, category in (("0", "interactive"), ("0.0", "interactive"), ("1", "1")):
        row = with_column(15, queue)
        assert decode_row(row, header, CONTEXT).category == category


@pytest.mark.parametrize(
    ("text", "start"),
    [("1000000000.0", 1_000_000_000), ("12.5", 12.5), ("-5", -5)],
)
def test_the_start_is_a_number_in_any_spelling(text: str, start: float) -> None:
    header = decode_header([f"; UnixStartTime: {text}"])
    assert header.start == datetime.fromtimestamp(start, UTC)


def test_a_log_without_a_start_has_the_one_that_is_given() -> None:
    assert decode_header(["; UnixStartTime: -1"], START).start == START
    assert decode_header([], START).start == START
    assert decode_header(["; UnixStartTime: 0"], START).start.year == 1970


LOG_A = "; UnixStartTime: 1000000000\n1 0 0 10 1" + " -1" * 13
LOG_B = "; UnixStartTime: 1100000000\n1 0 0 20 1" + " -1" * 13
NAMED_LOG = "; Computer: SP2 \n; Installation: KTH\n" + LOG_A


def read_identifiers(text: str, context: DecodeContext = CONTEXT) -> list[str]:
    decoded = decode_lines("swf", [text.encode()], context)
    return [one.record.job_identifier for one in decoded if isinstance(one, DecodedJob)]


@pytest.mark.parametrize(
    ("text", "identifiers"),
    [
        pytest.param(LOG_A, ["2001-09-09T01:46:40Z/1"], id="its start"),
        pytest.param(NAMED_LOG, ["SP2, KTH/1"], id="computer and installation"),
        pytest.param(f"; Computer: SP2\n{LOG_A}", ["SP2/1"], id="computer"),
        pytest.param(f"; Installation: KTH\n{LOG_A}", ["KTH/1"], id="installation"),
        pytest.param(
            f"{LOG_A}\n{LOG_B}",
            ["2001-09-09T01:46:40Z/1", "2004-11-09T11:33:20Z/1"],
            id="a second header",
        ),
        pytest.param(
            f"{LOG_A}\n{NAMED_LOG}",
            ["2001-09-09T01:46:40Z/1", "SP2, KTH/1"],
            id="a second name",
        ),
        pytest.param(
            f"{LOG_A}\n; a remark\n; Note: 7\n2 0 0 10 1{' -1' * 13}",
            ["2001-09-09T01:46:40Z/1", "2001-09-09T01:46:40Z/2"],
            id="remarks begin no log",
        ),
    ],
)
def test_a_number_is_a_job_of_its_log(text: str, identifiers: list[str]) -> None:
    assert read_identifiers(text) == identifiers


def test_a_log_has_the_name_that_is_given() -> None:
    context = replace(CONTEXT, log_name="mine")
    assert read_identifiers(NAMED_LOG, context) == ["mine/1"]
    assert read_identifiers(f"{NAMED_LOG}\n{LOG_A}", context) == ["mine/1", "mine/1"]
    with pytest.raises(DecodeError, match="a second log begins at 2004-11-09"):
        read_identifiers(f"{LOG_A}\n{LOG_B}", context)


def test_a_second_log_has_a_header_of_its_own() -> None:
    row = "1 0 0 10 1" + " -1" * 9 + " 1 -1 -1 -1"
    first = ("; Queue: 1 short", "; UnixStartTime: 0", row)
    second = ("; Computer: b", "; UnixStartTime: 9", row)
    text = "\n".join((*first, *second))
    jobs = list(decode_lines("swf", [text.encode()], CONTEXT))
    records = [each.record for each in jobs if isinstance(each, DecodedJob)]
    assert [each.category for each in records] == ["short", "1"]
    assert [each.created_at.second for each in records] == [0, 9]


CANCELED_IN_QUEUE = "3 100 600 -1 1 -1 -1 1 60 -1 5 1 1 -1 1 1 -1 -1"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", JobStatus.CANCELED),
        ("started_at", None),
        ("finished_at", None),
        ("queue_ms", 600_000),
        ("updated_at", START + timedelta(seconds=700)),
    ],
)
def test_a_job_that_is_canceled_while_it_is_queued_has_not_started(
    field: str, value: object
) -> None:
    record = decode_row(CANCELED_IN_QUEUE, HEADER, CONTEXT)
    assert getattr(record, field) == value


cells = (
    st.integers(0, 10**9).map(str) | st.just("-1") | st.sampled_from(["1.50", "007"])
)


@settings(max_examples=200, deadline=None)
@given(st.lists(cells, min_size=16, max_size=16), st.sampled_from([" ", "\t", "   "]))
def test_a_row_comes_back_number_by_number(columns: list[str], blank: str) -> None:
    row = ["1", "60", *columns]
    record = decode_row(f"{blank.join(row)}\r", HEADER, CONTEXT)
    assert encode_row(record).split(" ") == row


def test_a_job_of_another_format_has_no_row() -> None:
    record = modzy.decode_job(sample_object("modzy.json"), CONTEXT)
    with pytest.raises(DecodeError, match="read from SWF"):
        encode_row(record)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param("1 2 3", "'1 2 3'; right are 18 numbers", id="too few"),
        pytest.param(f"{ROW}x", "right are 18 numbers", id="no blank"),
        pytest.param(with_column(1, "1.5"), "no number", id="job number in parts"),
        pytest.param(with_column(5, "x"), "right are 18 numbers", id="no number"),
        pytest.param(with_column(5, "9" * 19), "18 digits", id="too long"),
        pytest.param(with_column(1, "-1"), "no number", id="no job number"),
        pytest.param(with_column(2, "-1"), "no submit time", id="no submit time"),
        pytest.param(with_column(4, "-5"), "-5 s is out of range", id="negative"),
        pytest.param(with_column(4, "9" * 14), "year 9999", id="too late"),
        pytest.param(with_column(9, "9" * 18), "out of range", id="64 bits"),
    ],
)
def test_a_row_that_is_wrong_is_named(row: str, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        decode_row(row, HEADER, CONTEXT)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("; Version: 2", "; UnixStartTime: SECONDS", id="missing"),
        pytest.param("; UnixStartTime: -1", "--start INSTANT", id="unknown"),
        pytest.param(f"; UnixStartTime: 0\n; Computer: {'x' * 201}", "--log", id="log"),
        pytest.param(f"; Queue: 1 {'x' * 256}", "a queue is .*255", id="queue's name"),
        pytest.param("; UnixStartTime: soon", "soon", id="no number"),
        pytest.param(f"; UnixStartTime: {10**12}", "10000000000", id="too late"),
        pytest.param(f"; Partition: 1 {'x' * 256}", "255", id="long name"),
        pytest.param("; Partition: 1 a\0", "NUL", id="NUL"),
    ],
)
def test_a_header_that_is_wrong_is_named(line: str, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        decode_header(line.splitlines())


def test_a_file_is_read_with_its_header() -> None:
    chunks = [(SAMPLES / "small.swf").read_bytes()]
    jobs = list(decode_lines("swf", chunks, CONTEXT))
    assert [type(job) for job in jobs] == [DecodedJob, DecodedJob]
    assert [job.line_number for job in jobs] == [5, 6]
    assert isinstance(jobs[0], DecodedJob)
    assert jobs[0].record.instance == "grid.example.org"


def test_a_bad_row_does_not_stop_the_rest() -> None:
    text = f"; UnixStartTime: 0\n{ROW}\nbad\n; a remark\n{ROW}"
    decoded = list(decode_lines("swf", [text.encode()], CONTEXT))
    assert [type(one) for one in decoded] == [DecodedJob, Rejection, DecodedJob]
    assert (decoded[1].line_number, decoded[2].line_number) == (3, 5)


def test_a_real_log_decodes_whole() -> None:
    jobs = 0
    seen: dict[str, set[object]] = {"user": set(), "category": set(), "instance": set()}
    with gzip.open(shared_file("data/LCG.swf.gz")) as file:
        for one in decode_lines("swf", file, CONTEXT):
            assert isinstance(one, DecodedJob)
            jobs += 1
            for field, values in seen.items():
                values.add(getattr(one.record, field))
    assert jobs == 188_041
    assert [len(values) for values in seen.values()] == [216, 28, 170]
