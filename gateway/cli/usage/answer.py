"""The API's answer about usage to rows of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.cli.usage.question import DIMENSIONS, UsageQuestion
from gateway.cli.usage.text import to_bucket_text, to_cost_text, to_label


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFigures:
    """The figures of a group, or of all."""

    length_ms: int
    running_ms: int
    job_count: int
    cost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of a group in a bucket.

    Attributes:
        bucket: The bucket's start, as the API writes it; None without buckets.
        labels: The group's value of each dimension, as text.
    """

    bucket: str | None
    labels: tuple[str, ...]
    figures: AnswerFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A usage summary.

    Attributes:
        parts: The titles of all buckets by their starts, in order.
    """

    question: UsageQuestion
    as_of: datetime
    rows: Sequence[Row]
    totals: AnswerFigures
    parts: dict[str, str]


def parse_summary(question: UsageQuestion, data: dict[str, Any]) -> Summary:
    """Read the data of an answer, as it comes from JSON."""
    found = data["usageSummary"]
    by, zone = question.by, question.window.zone
    starts = (part["bucketStart"] for part in data["parts"]["summary"]) if by else ()
    return Summary(
        question=question,
        as_of=datetime.fromisoformat(found["asOf"]),
        rows=[parse_group(question, group) for group in found["summary"]],
        totals=parse_figures(found["totals"]),
        parts={start: to_bucket_text(start, by, zone) for start in starts if by},
    )


def parse_group(question: UsageQuestion, group: dict[str, Any]) -> Row:
    """Read a group."""
    labels = (to_label(name, group[to_field(name)]) for name in question.dimensions)
    return Row(
        bucket=group["bucketStart"], labels=tuple(labels), figures=parse_figures(group)
    )


def to_field(dimension: str) -> str:
    """Return the field of the API that a dimension's value is in."""
    return DIMENSIONS[dimension].partition(" ")[0]


def parse_figures(found: dict[str, Any]) -> AnswerFigures:
    """Read figures; large ones come as text."""
    return AnswerFigures(
        length_ms=int(found["lengthMs"]),
        running_ms=int(found["runningMs"]),
        job_count=int(found["jobCount"]),
        cost=to_cost_text(found["cost"]),
    )
