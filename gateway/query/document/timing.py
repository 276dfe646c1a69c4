"""Durations of the stages of a request, for the `Server-Timing` header."""

from functools import partial
from time import perf_counter


class Timings:
    """Milliseconds by stage; the stages of root fields that run at once add up.

    Attributes:
        measure: Times a `with` block and adds its duration to the stage it is given.
    """

    __slots__ = ("measure", "stages")

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self.measure = partial(Stage, self)

    def to_header(self) -> str:
        """Write the value of a `Server-Timing` header; its unit is the millisecond.

        https://www.w3.org/TR/server-timing/
        """
        return ", ".join(
            f"{stage};dur={passed_ms:.3f}" for stage, passed_ms in self.stages.items()
        )


class Stage:
    """Times one block; a class, since a generator's overhead exceeds what it times."""

    __slots__ = ("begun", "name", "timings")

    def __init__(self, timings: Timings, name: str) -> None:
        self.timings = timings
        self.name = name

    def __enter__(self) -> None:
        self.begun = perf_counter()

    def __exit__(self, *_: object) -> None:
        passed_ms = (perf_counter() - self.begun) * 1_000
        stages = self.timings.stages
        stages[self.name] = stages.get(self.name, 0.0) + passed_ms
