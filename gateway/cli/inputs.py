"""Paths to chunks of bytes, decompressed."""

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import InputError

# Standard input, on a command line.
STDIN = Path("-")
CHUNK_BYTES = 262_144
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A file that is being read.

    Attributes:
        chunks: Its content, decompressed.
        position: Returns the bytes read so far, compressed.
    """

    chunks: Iterator[bytes]
    position: Callable[[], int]


def check_inputs(paths: Sequence[Path]) -> None:
    """Check that all files exist, before the first of them is read.

    Raises:
        InputError: One is missing or a folder, or standard input comes twice.
    """
    if paths.count(STDIN) > 1:
        raise InputError("standard input can be read only once; give one -")
    for path in paths:
        if path == STDIN:
            continue
        if path.is_dir():
            raise InputError(f"{path} is a folder; give the files in it")
        if not path.exists():
            raise InputError(f"there is no file {path}")


def measure_inputs(paths: Sequence[Path]) -> int | None:
    """Count the bytes of all files; None if standard input is among them."""
    if STDIN in paths:
        return None
    return sum(path.stat().st_size for path in paths)


@contextmanager
def open_input(path: Path) -> Iterator[Input]:
    """Open a file, or standard input for `-`.

    Raises:
        InputError: It cannot be read.
    """
    if path == STDIN:
        raw: Any = sys.stdin.buffer
        stdin = io.BufferedReader(raw)
        chunks = read_chunks(stdin, "standard input")
        try:
            yield Input(chunks=chunks, position=lambda: 0)
        finally:
            # Otherwise standard input would be closed with the reader.
            stdin.detach()
        return
    try:
        file = path.open("rb")
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}") from exc
    with file:
        # A pipe has no position.
        position = file.tell if file.seekable() else lambda: 0
        yield Input(chunks=read_chunks(file, str(path)), position=position)


def read_chunks(stream: "io.BufferedReader[Any]", name: str) -> Iterator[bytes]:
    """Read a stream to its end, decompressing it if it starts like gzip data.

    Raises:
        InputError: The gzip data is broken or incomplete, or reading fails.
    """
    is_packed = stream.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
    source = gzip.GzipFile(fileobj=stream) if is_packed else stream
    try:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk
    except EOFError as exc:
        raise InputError(
            f"{name} is cut off: its gzip data ends early; fetch it again"
        ) from exc
    except (OSError, zlib.error) as exc:
        raise InputError(f"{name} cannot be read: {exc}") from exc
