"""Byte chunks to the JSON texts of single jobs, in every layout a file may have.

A file may have one document a line, documents that span lines, arrays of documents, or
answers of Edge Impulse: `{"success": true, "jobs": [...]}`, or with one `job`.
Its first bytes tell the layout. One document at a time is in memory.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain

import orjson

from gateway.dialects.lines import number_lines
from gateway.dialects.scanner import Scanner
from gateway.errors import DecodeError
from gateway.records import JsonValue

# The number of the line that a document begins on, and its text.
Located = tuple[int, bytes]

HEAD_BYTES = 4096
# A file of blanks must not fill the memory.
MAX_BLANK_BYTES = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ENVELOPE = re.compile(rb'\s*\{\s*"(?:success|jobs|job|totalJobCount|error)"\s*:')
# An object that goes on in the next line.
SPANNING = re.compile(rb"\s*\{(?:[^\n]*[{\[,:])?[ \t\r]*\n\s*[^{\s]")
LONG_NUMBER = re.compile(rb"\d{19}")
SHOWN_BYTES = 40
FILE_STARTS = (
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a zip file"),
    (b"<", "HTML or XML"),
    (b";", "a workload log (swf)"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)


def to_head(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Give the first bytes that are not blank, and all chunks, the read ones included.

    A byte order mark is dropped. Leading blank lines are kept, for the line numbers.

    Raises:
        DecodeError: It begins with more than 64 KiB of blanks.
    """
    rest = iter(chunks)
    head = b""
    for chunk in rest:
        head += chunk
        size = len(head.lstrip())
        if size >= HEAD_BYTES:
            break
        if len(head) - size > MAX_BLANK_BYTES:
            raise DecodeError(
                f"the file begins with more than {MAX_BLANK_BYTES} blank bytes; right"
                " is one that begins with a document"
            )
    head = head.removeprefix(BYTE_ORDER_MARK)
    return head.lstrip()[:HEAD_BYTES], chain((head,), rest)


def split_documents(chunks: Iterable[bytes]) -> Iterator[Located]:
    """Split a file into its documents.

    Raises:
        DecodeError: The file is not JSON, or holds an answer that is a failure.
    """
    head, chunks = to_head(chunks)
    if not head:
        return iter(())
    if ENVELOPE.match(head):
        return split_answers(Scanner(chunks))
    if head[:1] == b"[" or SPANNING.match(head):
        return split_values(Scanner(chunks))
    if head[:1] == b"{":
        return split_lines(chunks)
    raise DecodeError(f"the file looks like {guess_format(head)}; right is JSON")


def guess_format(head: bytes) -> str:
    """Name the format that a file begins like, or show its first bytes."""
    for start, name in FILE_STARTS:
        if head.startswith(start):
            return name
    return repr(head[:SHOWN_BYTES].decode(errors="replace"))


def split_lines(chunks: Iterable[bytes]) -> Iterator[Located]:
    """Split a file of one document a line."""
    for number, line in number_lines(chunks):
        text = line.strip()
        if text:
            yield number, text


def split_values(scanner: Scanner) -> Iterator[Located]:
    """Split arrays into their elements; values between arrays are documents, too."""
    while byte := scanner.peek():
        if byte == b"[":
            yield from split_array(scanner)
        else:
            yield scanner.line_number, scanner.take()


def split_array(scanner: Scanner) -> Iterator[Located]:
    """Split one array into its elements.

    Where the file ends inside the array, a last `[` is no JSON and so is rejected.
    """
    scanner.skip()
    while byte := scanner.peek():
        if byte == b"]":
            scanner.skip()
            return
        yield scanner.line_number, scanner.take()
    yield scanner.line_number, b"["


def split_answers(scanner: Scanner) -> Iterator[Located]:
    """Split answers of Edge Impulse into their jobs.

    Raises:
        DecodeError: An answer is a failure, or has no jobs.
    """
    while byte := scanner.peek():
        if byte == b"{":
            yield from split_answer(scanner)
        else:
            yield scanner.line_number, scanner.take()


def split_answer(scanner: Scanner) -> Iterator[Located]:
    """Split one answer into its jobs as it is read.

    Raises:
        DecodeError: The answer is a failure, or has no jobs.
    """
    scanner.skip()
    members: dict[bytes, bytes] = {}
    while scanner.peek() not in (b"}", b""):
        key = scanner.take()
        byte = scanner.peek()
        if key == b'"jobs"' and byte == b"[":
            members[key] = b""
            yield from split_array(scanner)
        elif key == b'"job"':
            members[key] = b""
            yield scanner.line_number, scanner.take()
        elif byte:
            members[key] = scanner.take()
    if scanner.peek() == b"":
        yield scanner.line_number, b"{"
    scanner.skip()
    check_envelope(members)


def check_envelope(members: dict[bytes, bytes]) -> None:
    """Check that an answer is a success and has jobs.

    Raises:
        DecodeError: It is a failure, or has neither `jobs` nor `job`.
    """
    if members.get(b'"success"', b"true") != b"true":
        error = members.get(b'"error"', b"no error text").decode(errors="replace")
        raise DecodeError(
            f"the answer says that the request failed: {error[:200]}; right is one"
            " with success true"
        )
    if not members.keys() & {b'"jobs"', b'"job"'}:
        found = b", ".join(members).decode(errors="replace")
        raise DecodeError(f"the answer has {found[:200]}; right is jobs or job")


def parse_json(text: bytes) -> JsonValue:
    """Parse one document, with integers of any length.

    Raises:
        DecodeError: It is no JSON.
    """
    try:
        document: JsonValue = orjson.loads(text)
        # orjson makes floats of integers beyond 64 bits.
        return json.loads(text) if LONG_NUMBER.search(text) else document
    except (ValueError, RecursionError) as exc:
        raise DecodeError(f"the document is no JSON: {exc}") from exc
