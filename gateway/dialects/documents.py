"""Byte chunks to the JSON texts of single jobs, in every layout a file may have.

Read are one document a line; a JSON array; documents that span lines; and the answers
of Edge Impulse, `{"success": true, "jobs": [...]}` and `{"success": true, "job": {}}`.
The first bytes tell which. Nothing but the text of one document is ever in memory.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain

import orjson

from gateway.dialects.lines import to_lines
from gateway.dialects.scanner import Scanner
from gateway.errors import DecodeError
from gateway.records import JsonValue

# The number of the line that a text begins on, and the text.
Located = tuple[int, bytes]

HEAD_BYTES = 4096
# A file that never begins must not fill the memory.
MAX_BLANK_BYTES = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ENVELOPE = re.compile(rb'\s*\{\s*"(?:success|jobs|job|totalJobCount|error)"\s*:')
# An object that goes on in the next line, which does not begin another document.
SPANNING = re.compile(rb"\s*\{(?:[^\n]*[{\[,:])?[ \t\r]*\n\s*[^{\s]")
LONG_NUMBER = re.compile(rb"\d{19}")
SHOWN_BYTES = 40
LOOKS = (
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
    """Give the first bytes that are not blank, and all chunks to be read.

    A byte order mark is dropped; the blank lines before the head are still to be read.

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
    """Find the single documents.

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
    raise DecodeError(f"the file looks like {to_looks(head)}; right is JSON")


def to_looks(head: bytes) -> str:
    """Say what a file looks like by its first bytes."""
    for start, looks in LOOKS:
        if head.startswith(start):
            return looks
    return repr(head[:SHOWN_BYTES].decode(errors="replace"))


def split_lines(chunks: Iterable[bytes]) -> Iterator[Located]:
    """Give the lines that are not blank."""
    for number, line in to_lines(chunks):
        text = line.strip()
        if text:
            yield number, text


def split_values(scanner: Scanner) -> Iterator[Located]:
    """Give the elements of arrays, and the values between arrays."""
    while byte := scanner.peek():
        if byte == b"[":
            yield from split_array(scanner)
        else:
            yield scanner.line_number, scanner.take()


def split_array(scanner: Scanner) -> Iterator[Located]:
    """Give the elements of one array.

    A file that ends inside it gives what it had: the missing end is one more text.
    """
    scanner.skip()
    while byte := scanner.peek():
        if byte == b"]":
            scanner.skip()
            return
        yield scanner.line_number, scanner.take()
    yield scanner.line_number, b"["


def split_answers(scanner: Scanner) -> Iterator[Located]:
    """Give the jobs of Edge Impulse's answers.

    Raises:
        DecodeError: An answer is a failure, or has no jobs.
    """
    while byte := scanner.peek():
        if byte == b"{":
            yield from split_answer(scanner)
        else:
            yield scanner.line_number, scanner.take()


def split_answer(scanner: Scanner) -> Iterator[Located]:
    """Give the jobs of one answer, as soon as they are there.

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
    check_answer(members)


def check_answer(members: dict[bytes, bytes]) -> None:
    """Refuse an answer without jobs.

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
    """Parse one document; integers stay exact, whatever their length.

    Raises:
        DecodeError: It is no JSON.
    """
    try:
        document: JsonValue = orjson.loads(text)
        # orjson makes floats of integers beyond 64 bits.
        return json.loads(text) if LONG_NUMBER.search(text) else document
    except (ValueError, RecursionError) as exc:
        raise DecodeError(f"the document is no JSON: {exc}") from exc
