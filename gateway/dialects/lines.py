"""Byte chunks to numbered lines."""

from collections.abc import Iterable, Iterator

from gateway.errors import DecodeError

# Holds the logs of a job; a line that never ends must not fill the memory.
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024


def number_lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Split chunks of any size at line feeds, and number the lines from 1.

    Raises:
        DecodeError: A line has more than 64 MiB.
    """
    number = 0
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            number += 1
            yield number, b"".join((*parts, line)) if parts else line
            parts, size = [], 0
        if rest:
            parts.append(rest)
            size += len(rest)
        if size > MAX_DOCUMENT_BYTES:
            raise too_long(number + 1)
    if parts:
        yield number + 1, b"".join(parts)


def too_long(line_number: int) -> DecodeError:
    """Make the error for a document that does not end."""
    return DecodeError(
        f"the document at line {line_number} does not end; right are documents of at"
        f" most {MAX_DOCUMENT_BYTES} bytes"
    )
