"""Byte chunks of a file in a named format to records and rejections."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from gateway.dialects import edge_impulse, modzy, ndjson, sharedcloud, swf
from gateway.dialects.context import DecodeContext
from gateway.dialects.documents import (
    guess_format,
    parse_json,
    split_documents,
    to_head,
)
from gateway.dialects.fields import did_you_mean
from gateway.dialects.lines import number_lines
from gateway.dialects.signatures import check_first, check_job_format
from gateway.errors import DecodeError
from gateway.records import JobRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedJob:
    """A job, the number of the line that its document began on, and the document."""

    line_number: int
    record: JobRecord
    text: bytes

    def reject(self, reason: str) -> "Rejection":
        """Make the rejection of a job that can be read and not be written."""
        return to_rejection(self.line_number, reason, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A document that cannot be read, with the reason and its text."""

    line_number: int
    reason: str
    document: str


Decoded = DecodedJob | Rejection
Decode = Callable[[object, DecodeContext], JobRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDialect:
    """A format by its name.

    Attributes:
        decode_file: Reads the chunks of a file.
    """

    name: str
    decode_file: Callable[[Iterable[bytes], DecodeContext], Iterator[Decoded]]


def decode_lines(
    name: str, chunks: Iterable[bytes], context: DecodeContext
) -> Iterator[Decoded]:
    """Read a file that is given in chunks of any size, such as its lines.

    Chunks are taken as they are needed; a document in a file of the format that cannot
    be read becomes a rejection.

    Raises:
        DecodeError: The format is unknown, or the file is not of it.
    """
    if name not in DIALECTS:
        raise DecodeError(f"{name!r} is no format{did_you_mean(name, DIALECTS)}")
    return DIALECTS[name].decode_file(chunks, context)


def decode_documents(
    chunks: Iterable[bytes], context: DecodeContext, decode: Decode, name: str
) -> Iterator[Decoded]:
    """Read a file of JSON documents.

    Raises:
        DecodeError: The file is not JSON, or its first document is another system's.
    """
    for at, (line_number, text) in enumerate(split_documents(chunks)):
        if at == 0:
            check_first(text, name)
        try:
            document = parse_json(text)
            check_job_format(document, name)
            record = decode(document, context)
        except DecodeError as exc:
            yield to_rejection(line_number, exc.message, text)
        else:
            yield DecodedJob(line_number=line_number, record=record, text=text)


def decode_rows(chunks: Iterable[bytes], context: DecodeContext) -> Iterator[Decoded]:
    """Read workload logs, of which the second begins with a second header.

    Raises:
        DecodeError: The file is no such log, or a header has no start time.
    """
    head, chunks = to_head(chunks)
    if not head:
        return
    if head[:1] not in b";-0123456789":
        right = "a workload log, lines of `;` and then rows of numbers"
        raise DecodeError(f"the file looks like {guess_format(head)}; right is {right}")
    for line_number, text, row, header in split_rows(chunks, context):
        try:
            record = swf.decode_row(row, header, context)
        except DecodeError as exc:
            yield to_rejection(line_number, exc.message, text)
        else:
            yield DecodedJob(line_number=line_number, record=record, text=text)


def split_rows(
    chunks: Iterable[bytes], context: DecodeContext
) -> Iterator[tuple[int, bytes, str, swf.SwfHeader]]:
    """Give the rows of workload logs with their numbers and the header of each.

    Raises:
        DecodeError: A header has no start time.
    """
    header: swf.SwfHeader | None = None
    lines: list[str] = []
    for line_number, text in number_lines(chunks):
        row = text.decode(errors="replace")
        if swf.is_row(row):
            if header is None or lines:
                header = swf.decode_next_header(header, lines, context)
                lines.clear()
            yield line_number, text, row, header
        elif swf.is_header(row):
            lines.append(row)
    if header is None:
        swf.decode_next_header(header, lines, context)


def to_rejection(line_number: int, reason: str, text: bytes) -> Rejection:
    """Make the rejection of a document."""
    return Rejection(
        line_number=line_number,
        reason=reason,
        document=text.decode(errors="replace"),
    )


def json_dialect(name: str, decode: Decode) -> FileDialect:
    """Make the dialect of a format of JSON documents."""
    return FileDialect(
        name=name,
        decode_file=partial(decode_documents, decode=decode, name=name),
    )


DIALECTS: Mapping[str, FileDialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            json_dialect("modzy", modzy.decode_job),
            json_dialect("edge-impulse", edge_impulse.decode_job),
            json_dialect("sharedcloud", sharedcloud.decode_job),
            FileDialect(name="swf", decode_file=decode_rows),
            json_dialect("ndjson", ndjson.decode_job),
        )
    }
)
