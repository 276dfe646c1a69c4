"""What a warm request passes through in the package: files, functions, frames."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import gateway

PACKAGE = str(Path(gateway.__file__).parent)


@dataclass(slots=True)
class Trace:
    """What was called while a trace was taken.

    Attributes:
        functions: The functions of the package that ran, comprehensions apart.
        deepest: The deepest stack of them, the outermost first.
    """

    functions: dict[CodeType, None] = field(default_factory=dict)
    deepest: tuple[CodeType, ...] = ()

    @property
    def files(self) -> dict[str, None]:
        """The files that the functions are in."""
        return {code.co_filename: None for code in self.functions}

    def note(self, frame: FrameType, event: str, _: Any) -> None:  # noqa: ANN401 -- sys.setprofile's
        """Note a call."""
        if event != "call" or not is_ours(frame.f_code):
            return
        self.functions[frame.f_code] = None
        stack = tuple(reversed([code for code in walk(frame) if is_ours(code)]))
        self.deepest = max(self.deepest, stack, key=len)


def is_ours(code: CodeType) -> bool:
    """Tell whether code is a function of the package; comprehensions are none.

    Python 3.12 runs them in the frame around them.
    """
    is_function = not code.co_name.startswith("<") or code.co_name == "<lambda>"
    return is_function and code.co_filename.startswith(PACKAGE)


def walk(frame: FrameType | None) -> Iterator[CodeType]:
    """Give the code of a frame and of all that wait for it."""
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back


@contextmanager
def traced() -> Iterator[Trace]:
    """Trace what this thread calls within the block."""
    trace = Trace()
    sys.setprofile(trace.note)
    try:
        yield trace
    finally:
        sys.setprofile(None)
