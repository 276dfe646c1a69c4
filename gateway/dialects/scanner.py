"""Byte chunks to the JSON values in them, found by brackets and quotes alone."""

import re
from collections.abc import Iterable

from gateway.dialects.lines import MAX_DOCUMENT_BYTES, too_long

BLANK = re.compile(rb"[ \t\r\n,:]*+")
# A string ends at its line, even without its quote: one that is broken must not
# swallow the records after it.
STRING = rb'"(?:[^"\\\n]++|\\[^\n])*+(?:"|(?=\n))'
# All up to the next bracket, and the bracket.
STEP = re.compile(rb'(?:[^"{}\[\]]++|' + STRING + rb")*+([{}\[\]])")
SCALAR = re.compile(rb"(?:" + STRING + rb'|[^",:{}\[\] \t\r\n]++)(?=[^"])', re.DOTALL)
WINDOW_BYTES = 65_536


class Scanner:
    """A reader of one file that keeps only the bytes of the current value."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)
        self.window = b""
        self.at = 0
        self.line_number = 1

    def peek(self) -> bytes:
        """Skip blanks, commas and colons, and give the next byte; none at the end."""
        while True:
            match = BLANK.match(self.window, self.at)
            self.move(match.end() if match else self.at)
            if self.at < len(self.window):
                return self.window[self.at : self.at + 1]
            if not self.read_more():
                return b""

    def skip(self) -> None:
        """Step over the byte that `peek` gave."""
        self.move(self.at + 1)

    def take(self) -> bytes:
        """Take the value that begins at the byte `peek` gave.

        One without an end is the rest of the file.

        Raises:
            DecodeError: The value has more than 64 MiB.
        """
        size = self.measure_nested() if self.peek() in b"{[" else self.measure_scalar()
        taken = self.window[self.at : self.at + size]
        self.move(self.at + size)
        return taken

    def measure_nested(self) -> int:
        """Count the bytes of an object or list, up to its end or a stray bracket."""
        size = 0
        open_brackets = bytearray()
        while True:
            match = STEP.match(self.window, self.at + size)
            if match is None:
                if not self.read_more():
                    return len(self.window) - self.at
                continue
            bracket, before = match[1], match.end() - 1
            if is_out_of_place(open_brackets, bracket, self.window, before):
                return before - self.at
            size = match.end() - self.at
            if bracket in b"{[":
                open_brackets += bracket
            else:
                open_brackets.pop()
            if not open_brackets:
                return size

    def measure_scalar(self) -> int:
        """Count the bytes of text, a number or a word; at least one."""
        while True:
            match = SCALAR.match(self.window, self.at)
            if match is not None:
                return match.end() - self.at
            if self.window[self.at : self.at + 1] in b"]}" or not self.read_more():
                return self.rest_of_line()

    def rest_of_line(self) -> int:
        """Count the bytes up to the line's end, where there is no valid value."""
        end = self.window.find(b"\n", self.at)
        return max(1, (len(self.window) if end < 0 else end) - self.at)

    def move(self, at: int) -> None:
        """Move to a position, counting lines."""
        self.line_number += self.window.count(b"\n", self.at, at)
        self.at = at

    def read_more(self) -> bool:
        """Drop what was taken, and read until the window has doubled.

        Doubling keeps the work linear for a value that spans many chunks.

        Raises:
            DecodeError: What was not taken yet has more than 64 MiB.
        """
        rest = self.window[self.at :]
        if len(rest) > MAX_DOCUMENT_BYTES:
            raise too_long(self.line_number)
        parts, size = [rest], len(rest)
        for chunk in self.chunks:
            parts.append(chunk)
            size += len(chunk)
            if size >= max(WINDOW_BYTES, 2 * len(rest)):
                break
        self.window, self.at = b"".join(parts), 0
        return size > len(rest)


def is_out_of_place(
    open_brackets: bytearray, bracket: bytes, window: bytes, before: int
) -> bool:
    """Tell whether a bracket cannot belong to the value that is open.

    In an object, a bracket opens only after a colon, and no list ends. Elsewhere the
    object has lost its end: the next record begins, or the list of records ends.
    """
    if not open_brackets.endswith(b"{") or bracket == b"}":
        return False
    while before and window[before - 1 : before].isspace():
        before -= 1
    return bracket == b"]" or window[before - 1 : before] != b":"
