"""Options of the command line to a GraphQL operation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.cli.usage.window import By, UsageWindow
from gateway.errors import InputError
from gateway.query.document.request import GraphqlRequest

# Dimensions, in the command line's spelling, and their selections.
DIMENSIONS = {
    "category": "category",
    "model": "model { identifier version name }",
    "user": "user { identifier source externalIdentifier }",
    "status": "status",
    "source": "source",
    "project": "projectId",
    "submitted-by": "submittedBy",
}
NO_DIMENSION = "none"
FIRST_DIRECTIONS = {"length": "desc", "count": "desc", "key": "asc"}
DIRECTIONS = ("asc", "desc")

VARIABLES = """\
  $startDate: DateTime!, $endDate: DateTime!, $projectId: BigInt
  $groupBy: [UsageDimension!]!, $bucket: TimeBucket, $timeZone: TimeZone!
  $fillEmpty: Boolean!, $orderBy: UsageOrder"""
WINDOW = """\
    startDate: $startDate, endDate: $endDate, projectId: $projectId
    bucket: $bucket, timeZone: $timeZone"""
FIGURES = "lengthMs runningMs jobCount cost { amount currency }"
# All buckets of the window, also those without groups.
PARTS = f"""
  parts: usageSummary(
{WINDOW}
    groupBy: [], fillEmpty: true
  ) {{ summary {{ bucketStart }} }}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuestion:
    """A question about usage.

    Attributes:
        dimensions: What to group by, in the command line's spelling.
        order: A `UsageOrder`; None is the API's default.
        is_charted: Whether to query all buckets, too, for a chart.
    """

    account: str
    project_id: int | None
    window: UsageWindow
    by: By | None
    dimensions: tuple[str, ...]
    order: dict[str, str] | None
    fills_empty: bool
    is_charted: bool


def parse_dimensions(text: str) -> tuple[str, ...]:
    """Parse dimensions, separated by commas; the word `none` is no dimension.

    Raises:
        InputError: A word is not a dimension.
    """
    words = tuple(word.strip().lower().replace("_", "-") for word in text.split(","))
    if words == (NO_DIMENSION,):
        return ()
    for word in words:
        if word not in DIMENSIONS:
            raise InputError(
                f"{word!r} is nothing to group by; give {', '.join(DIMENSIONS)}, or"
                f" {NO_DIMENSION} alone"
            )
    return words


def parse_usage_order(text: str | None) -> dict[str, str] | None:
    """Parse an order: a field, optionally with a direction after a colon.

    Raises:
        InputError: There is no such field or direction.
    """
    if text is None:
        return None
    field, _, direction = text.lower().partition(":")
    direction = direction or FIRST_DIRECTIONS.get(field, "")
    if field not in FIRST_DIRECTIONS or direction not in DIRECTIONS:
        raise InputError(
            f"{text!r} is no order; give {', '.join(FIRST_DIRECTIONS)}, perhaps with"
            " :asc or :desc"
        )
    return {"field": field.upper(), "direction": direction.upper()}


def to_usage_request(question: UsageQuestion) -> GraphqlRequest:
    """Write the request, as any client of the API could send it."""
    names = (name.replace("-", "_").upper() for name in question.dimensions)
    variables: dict[str, Any] = {
        "startDate": to_rfc_3339(question.window.start),
        "endDate": to_rfc_3339(question.window.end),
        "projectId": question.project_id,
        "groupBy": list(names),
        "bucket": question.by.value.upper() if question.by else None,
        "timeZone": question.window.zone.key,
        "fillEmpty": question.fills_empty,
        "orderBy": question.order,
    }
    has_parts = question.is_charted and question.by is not None
    query = to_usage_query(question.dimensions, has_parts=has_parts)
    return GraphqlRequest(query=query, variables=variables)


def to_usage_query(dimensions: Sequence[str], *, has_parts: bool) -> str:
    """Write the document, which selects the fields of its dimensions only."""
    fields = " ".join(DIMENSIONS[name] for name in dimensions)
    return f"""query Usage(
{VARIABLES}
) {{
  usageSummary(
{WINDOW}
    groupBy: $groupBy, fillEmpty: $fillEmpty, orderBy: $orderBy
  ) {{
    startDate endDate asOf
    summary {{ bucketStart bucketEnd {fields} {FIGURES} }}
    totals {{ {FIGURES} }}
  }}{PARTS if has_parts else ""}
}}"""


def to_rfc_3339(instant: datetime) -> str:
    """Write an instant as the API reads it."""
    return instant.astimezone(UTC).isoformat()
