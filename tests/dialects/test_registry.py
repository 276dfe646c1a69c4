from collections.abc import Iterator
from itertools import repeat

import orjson
import pytest

from gateway.dialects.registry import (
    DIALECTS,
    Decoded,
    DecodedJob,
    Rejection,
    decode_lines,
)
from gateway.errors import DecodeError
from tests.dialects.wire import CONTEXT, SAMPLES, sample_object

NOON = "2024-05-01T12:00:00Z"
FULL_OWN = {"jobIdentifier": "m", "status": "COMPLETED", "createdAt": NOON}
FULL_MODZY = FULL_OWN | {"model": {"identifier": "b"}}
FULL_EDGE = {"id": 1, "category": "a", "created": NOON}
FULL_SHAREDCLOUD = {"uuid": "u", "status": 1, "created_at": "01-05-2024 12:00:00"}
MODZY, EDGE, OWN = map(orjson.dumps, (FULL_MODZY, FULL_EDGE, FULL_OWN))
PRETTY = orjson.dumps(sample_object("modzy.json"), option=orjson.OPT_INDENT_2)


def show(decoded: Decoded) -> tuple[int, str]:
    if isinstance(decoded, DecodedJob):
        return decoded.line_number, decoded.record.job_identifier
    return decoded.line_number, f"rejected {decoded.document}"


def read(name: str, *chunks: bytes) -> list[tuple[int, str]]:
    return [show(decoded) for decoded in decode_lines(name, chunks, CONTEXT)]


def test_the_formats_have_the_names_of_the_command_line() -> None:
    assert list(DIALECTS) == ["modzy", "edge-impulse", "sharedcloud", "swf", "ndjson"]


@pytest.mark.parametrize(
    ("name", "text", "jobs"),
    [
        pytest.param("modzy", MODZY, [(1, "m")], id="one document"),
        pytest.param("modzy", b"\n" + MODZY + b"\r\n\n" + MODZY, [(2, "m"), (4, "m")],
                     id="lines"),
        pytest.param("modzy", b"\xef\xbb\xbf[" + MODZY + b",\n" + MODZY + b"]",
                     [(1, "m"), (2, "m")], id="array after a byte order mark"),
        pytest.param("modzy", b"[" + MODZY + b"]\n[" + MODZY + b"]",
                     [(1, "m"), (2, "m")], id="pages of arrays"),
        pytest.param("edge-impulse", b'{"success": true, "jobs": [' + EDGE + b","
                     + EDGE + b'], "totalJobCount": 2}', [(1, "1"), (1, "1")],
                     id="answer with jobs"),
        pytest.param("edge-impulse", b'{\n"success":true,\n"job":\n' + EDGE + b"}",
                     [(4, "1")], id="answer with a job"),
        pytest.param("edge-impulse", b'{"jobs": [], "success": true}', [],
                     id="answer without jobs"),
        pytest.param("ndjson", OWN, [(1, "m")], id="own format"),
        pytest.param("modzy", b" \n", [], id="nothing"),
        pytest.param("swf", b"", [], id="nothing in a log"),
    ],
)  # fmt: skip
def test_every_layout_is_read(
    name: str, text: bytes, jobs: list[tuple[int, str]]
) -> None:
    assert read(name, text) == jobs
    assert read(name, *(text[at : at + 1] for at in range(len(text)))) == jobs


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_documents_that_span_lines_and_chunks_are_read(size: int) -> None:
    text = PRETTY + b"\n" + PRETTY
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    lines = [line for line, _ in read("modzy", *chunks)]
    assert lines == [1, PRETTY.count(b"\n") + 2]


def test_an_indented_array_is_read() -> None:
    text = (SAMPLES / "sharedcloud.json").read_bytes()
    assert read("sharedcloud", text) == [(2, "5b045bdd-843d-401b-8d44-b8c4b4213042")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(MODZY + b"\n{bad\n" + MODZY,
                     [(1, "m"), (2, "rejected {bad"), (3, "m")], id="line"),
        pytest.param(b"[" + MODZY + b', 7, "a]", {}, ' + MODZY + b"]",
                     [(1, "m"), (1, "rejected 7"), (1, 'rejected "a]"'),
                      (1, "rejected {}"), (1, "m")], id="elements"),
        pytest.param(b'[\n{"a": "b},\n' + MODZY + b"]",
                     [(2, 'rejected {"a": "b},\n'), (3, "m")], id="open text"),
        pytest.param(b'[{"a": {"b": [1]}, ' + MODZY + b"]",
                     [(1, 'rejected {"a": {"b": [1]}, '), (1, "m")], id="open object"),
        pytest.param(b'[{"a": 1,]', [(1, 'rejected {"a": 1,')], id="open at the end"),
        pytest.param(b"[" + MODZY + b",", [(1, "m"), (1, "rejected [")], id="cut off"),
        pytest.param(b"[}, " + MODZY + b"]\n",
                     [(1, "rejected }, " + MODZY.decode() + "]"), (2, "rejected [")],
                     id="stray bracket"),
        pytest.param(b'["a', [(1, 'rejected "a'), (1, "rejected [")], id="cut text"),
    ],
)  # fmt: skip
def test_what_is_broken_does_not_stop_the_rest(
    text: bytes, found: list[tuple[int, str]]
) -> None:
    assert read("modzy", text) == found


def test_an_answer_that_is_cut_off_is_rejected_after_its_jobs() -> None:
    found = read("edge-impulse", b'{"success": true, "jobs": [' + EDGE + b"]")
    assert found == [(1, "1"), (1, "rejected {")]


def test_integers_beyond_64_bits_are_not_rounded_but_refused() -> None:
    text = MODZY.replace(b"}", b', "extra": 18446744073709551616}')
    (decoded,) = decode_lines("modzy", [text], CONTEXT)
    assert "64-bit" in getattr(decoded, "reason", "")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("modsy", b"", "did you mean modzy", id="misspelt"),
        pytest.param("xml", b"", "right are modzy, edge-impulse", id="unknown"),
        pytest.param("modzy", b"\x1f\x8b\x08", "gzip", id="gzip"),
        pytest.param("modzy", b"<html>", "HTML", id="HTML"),
        pytest.param("modzy", b"id,name\n", "'id,name", id="CSV"),
        pytest.param("modzy", b"; x\n1 2", "swf", id="log"),
        pytest.param("swf", MODZY, "looks like JSON", id="JSON"),
        pytest.param("swf", b"1 2 3\n", "UnixStartTime", id="no header"),
        pytest.param("modzy", EDGE, "looks like edge-impulse", id="edge impulse"),
        pytest.param("edge-impulse", MODZY, "looks like modzy", id="modzy"),
        pytest.param("modzy", b'{"uuid": "a"}', "like sharedcloud", id="sharedcloud"),
        pytest.param("edge-impulse", b'{"success": false, "error": "no project"}',
                     "failed: .no project", id="failure"),
        pytest.param("edge-impulse", b'{"success": true, "summary": []}',
                     "right is jobs or job", id="summary"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused(
    name: str, text: bytes, message: str
) -> None:
    with pytest.raises(DecodeError, match=message):
        read(name, text)


def read_reason(name: str, document: dict[str, object], right: object) -> str:
    """Give why a document is rejected that comes after a right one, or nothing."""
    text = b"\n".join(map(orjson.dumps, (right, document)))
    decoded = list(decode_lines(name, [text], CONTEXT))[1]
    return decoded.reason if isinstance(decoded, Rejection) else ""


@pytest.mark.parametrize(
    ("name", "document", "reason"),
    [
        ("modzy", FULL_OWN, "has no model and looks like ndjson"),
        ("modzy", FULL_OWN | {"status": "FAILED"}, "looks like ndjson"),
        ("modzy", FULL_MODZY | {"category": "a"}, "looks like ndjson"),
        ("modzy", FULL_MODZY | {"status": "QUEUED"}, "looks like ndjson"),
        ("modzy", {"jobIdentifier": "m", "createdAt": NOON, "x": 1}, "model and no st"),
        ("modzy", FULL_SHAREDCLOUD, "looks like sharedcloud"),
        ("modzy", FULL_EDGE, "looks like edge-impulse"),
        ("modzy", {"a": 1}, "has no jobIdentifier and no model"),
        ("edge-impulse", {"id": 1, "created": NOON}, "has no category; right is"),
        ("edge-impulse", FULL_MODZY, "looks like modzy"),
        ("edge-impulse", FULL_OWN, "looks like ndjson"),
        ("sharedcloud", FULL_OWN, "has no uuid and looks like ndjson"),
        ("ndjson", FULL_MODZY | {"team": {}}, "the document looks like modzy; right"),
        ("ndjson", FULL_SHAREDCLOUD, "looks like sharedcloud"),
        ("ndjson", FULL_EDGE, "looks like edge-impulse"),
        ("ndjson", FULL_OWN | {"catgory": "a"}, "did you mean category"),
        ("ndjson", FULL_OWN | {"team": "a"}, "team is no field"),
        ("ndjson", FULL_MODZY, ""),
        ("modzy", FULL_MODZY | {"status": []}, ""),
        ("modzy", FULL_MODZY | {"startedAt": NOON, "team": {}}, ""),
    ],
)
def test_a_document_of_another_format_is_rejected_with_what_it_looks_like(
    name: str, document: dict[str, object], reason: str
) -> None:
    right = {
        "modzy": FULL_MODZY,
        "edge-impulse": FULL_EDGE,
        "sharedcloud": FULL_SHAREDCLOUD,
        "ndjson": FULL_OWN,
    }
    found = read_reason(name, document, right[name])
    assert (reason in found, bool(found)) == (True, bool(reason))


def test_each_document_of_a_file_in_the_format_of_the_gateway_is_rejected() -> None:
    text = b"\n".join([OWN, OWN.replace(b"COMPLETED", b"FAILED")])
    reasons = [
        getattr(one, "reason", "") for one in decode_lines("modzy", [text], CONTEXT)
    ]
    assert ["looks like ndjson" in reason for reason in reasons] == [True, True]


@pytest.mark.parametrize("start", [b"[", b'{"success": true, "jobs": [', b""])
def test_chunks_are_taken_as_they_are_needed(start: bytes) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield start
        while True:
            taken += 1
            yield EDGE + (b"," if start else b"\n")

    jobs = decode_lines("edge-impulse", endless(), CONTEXT)
    for _ in range(20_000):
        assert isinstance(next(jobs), DecodedJob)
    # The window is 64 KiB, some 1,600 of these documents.
    assert taken < 25_000


@pytest.mark.parametrize("start", [b"{", b'[{"a": "'])
def test_a_document_that_never_ends_does_not_fill_the_memory(start: bytes) -> None:
    def endless() -> Iterator[bytes]:
        yield start
        while True:
            yield b"x" * 1_000_000

    with pytest.raises(DecodeError, match="line 1 does not end"):
        next(decode_lines("modzy", endless(), CONTEXT))


@pytest.mark.parametrize("name", ["modzy", "swf"])
def test_a_file_that_never_begins_does_not_fill_the_memory(name: str) -> None:
    with pytest.raises(DecodeError, match="begins with more than 65536 blank bytes"):
        next(decode_lines(name, repeat(b" \n" * 1_000), CONTEXT))
