"""The API's answer about usage to rows that a terminal can show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.cli.usage.question import DIMENSIONS, Question
from gateway.cli.usage.text import to_bucket_text, to_cost_text, to_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of usage."""

    length_ms: int
    running_ms: int
    job_count: int
    cost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A group in a part of the window.

    Attributes:
        bucket: The start of the part, as the API says it; None: there are no parts.
        labels: What the group is of, by dimension.
    """

    bucket: str | None
    labels: tuple[str, ...]
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A usage summary.

    Attributes:
        parts: The names of all parts of the window by their starts, in order.
    """

    question: Question
    as_of: datetime
    rows: Sequence[Row]
    totals: Figures
    parts: dict[str, str]


def to_summary(question: Question, data: dict[str, Any]) -> Summary:
    """Read the data of an answer, as it comes from JSON."""
    found = data["usageSummary"]
    by, zone = question.by, question.window.zone
    starts = (part["bucketStart"] for part in data["parts"]["summary"]) if by else ()
    return Summary(
        question=question,
        as_of=datetime.fromisoformat(found["asOf"]),
        rows=[to_row(question, group) for group in found["summary"]],
        totals=to_figures(found["totals"]),
        parts={start: to_bucket_text(start, by, zone) for start in starts if by},
    )


def to_row(question: Question, group: dict[str, Any]) -> Row:
    """Read a group."""
    labels = (to_label(name, group[to_field(name)]) for name in question.dimensions)
    return Row(
        bucket=group["bucketStart"], labels=tuple(labels), figures=to_figures(group)
    )


def to_field(dimension: str) -> str:
    """Give the field of a group that says what it is of."""
    return DIMENSIONS[dimension].partition(" ")[0]


def to_figures(found: dict[str, Any]) -> Figures:
    """Read figures; large ones come as text."""
    return Figures(
        length_ms=int(found["lengthMs"]),
        running_ms=int(found["runningMs"]),
        job_count=int(found["jobCount"]),
        cost=to_cost_text(found["cost"]),
    )
