"""Durations of the stages of a request, for the `Server-Timing` header."""

from time import perf_counter


class Timings:
    """Milliseconds by stage; the stages of root fields that run at once add up."""

    __slots__ = ("stages",)

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}

    def measure(self, stage: str) -> "Stage":
        """Time a `with` block and add its duration to a stage."""
        return Stage(self.stages, stage)

    def to_header(self) -> str:
        """Write the value of a `Server-Timing` header; its unit is the millisecond.

        https://www.w3.org/TR/server-timing/
        """
        return ", ".join(
            f"{stage};dur={passed_ms:.3f}" for stage, passed_ms in self.stages.items()
        )


class Stage:
    """Times one block; a class, since a generator's overhead exceeds what it times."""

    __slots__ = ("begun", "name", "stages")

    def __init__(self, stages: dict[str, float], name: str) -> None:
        self.stages = stages
        self.name = name

    def __enter__(self) -> None:
        self.begun = perf_counter()

    def __exit__(self, *_: object) -> None:
        passed_ms = (perf_counter() - self.begun) * 1_000
        self.stages[self.name] = self.stages.get(self.name, 0.0) + passed_ms
