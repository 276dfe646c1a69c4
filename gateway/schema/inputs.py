"""The input types that filter and order jobs.

They only declare the fields; `gateway.query` reads what graphql-core coerced.
"""

from typing import Any

import strawberry

from gateway.records import JobSource, JobStatus, JobStatusGroup
from gateway.schema.enums import JobOrderField, OrderDirection
from gateway.schema.scalars import BigInt, DateTime


def optional(description: str, name: str | None = None) -> Any:  # noqa: ANN401 -- Strawberry's own type for a field
    """Make an optional input field."""
    return strawberry.field(
        name=name, default=strawberry.UNSET, description=description
    )


@strawberry.input(
    description="A span of time: at or after `from`, and before `to`. A bound that is"
    " left out, or null, does not restrict. Order by the same instant where"
    " you can: it is the quickest way through a long history."
)
class DateTimeRange:
    from_: DateTime | None = optional("The span's first instant.", name="from")
    to: DateTime | None = optional("The first instant after the span.")


@strawberry.input(
    description="Which models; what is given must all hold. An empty list matches"
    " nothing; null does not restrict."
)
class ModelFilter:
    identifier: list[str] | None = optional("Any of these identifiers.")
    name: list[str] | None = optional("Any of these names, exactly.")
    version: list[str] | None = optional("Any of these versions, exactly.")


@strawberry.input(
    description="Which jobs; what is given must all hold, and of a list any value may."
    " An empty list matches nothing; null, or leaving a field out, does not restrict."
)
class JobFilter:
    status: list[JobStatus] | None = optional("Any of these statuses.")
    status_group: JobStatusGroup | None = optional("Any status of this group.")
    model: ModelFilter | None = optional("Jobs of these models.")
    source: list[JobSource] | None = optional("From any of these systems.")
    project_id: list[BigInt] | None = optional("Of any of these projects.")
    category: list[str] | None = optional("Of any of these categories, exactly.")
    user: list[str] | None = optional("Of users with any of these identifiers.")
    submitted_by: list[str] | None = optional(
        "Submitted with a key of any of these prefixes."
    )
    created_at: DateTimeRange | None = optional("Created in this span.")
    submitted_at: DateTimeRange | None = optional("Submitted in this span.")
    started_at: DateTimeRange | None = optional("Started in this span.")
    finished_at: DateTimeRange | None = optional("Finished in this span.")
    updated_at: DateTimeRange | None = optional(
        "Last changed in this span, by the source's clock: a change may become known"
        " here some time after it was made."
    )


@strawberry.input(
    description="Order of jobs. Jobs at the same instant follow each other in a fixed"
    " order, so that pages never overlap."
)
class JobOrder:
    field: JobOrderField = strawberry.field(
        default=JobOrderField.CREATED_AT, description="What to order by."
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Which end comes first."
    )
