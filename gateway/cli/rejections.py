"""Rejected records to a file beside the input, one a line."""

from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Self

import orjson

from gateway.cli.inputs import STDIN
from gateway.dialects.registry import Rejection
from gateway.errors import InputError


def to_rejection_path(path: Path) -> Path:
    """Name the file for the rejected records of an input."""
    name = "stdin" if path == STDIN else path.name
    return path.with_name(f"{name}.rejected.ndjson")


class RejectionFile:
    """The rejected records of one input; there is no file if there are none."""

    def __init__(self, path: Path) -> None:
        self.path = to_rejection_path(path)
        self.count = 0
        self.stream: BinaryIO | None = None
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        """Remove the file of an earlier run.

        Raises:
            InputError: It cannot be removed.
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as exc:
            raise self.to_error(exc) from exc
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def write(self, rejection: Rejection) -> None:
        """Add a record, with the line it begins on and why it was rejected.

        Raises:
            InputError: The file cannot be written.
        """
        entry = {
            "line": rejection.line_number,
            "reason": rejection.reason,
            "document": rejection.document,
        }
        try:
            if self.stream is None:
                self.stream = self.stack.enter_context(self.path.open("wb"))
            self.stream.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
        except OSError as exc:
            raise self.to_error(exc) from exc
        self.count += 1

    def to_error(self, exc: OSError) -> InputError:
        """Make the error for a file that cannot be written or removed."""
        return InputError(
            f"{self.path}, for rejected records, cannot be written: {exc.strerror}"
        )
