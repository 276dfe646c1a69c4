"""Makes Strawberry fields that state where their values come from."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from gateway.query.fields import (
    RULES,
    Embedded,
    FieldRules,
    Leaf,
    SizeRule,
    ToMany,
    ToOne,
)
from gateway.query.values import Convert
from gateway.schema.inputs import JobFilter, JobOrder

# Functions that only declare the arguments of a field are never called.
READ_BY_PLANS = "a plan reads this field, not a resolver"
# The size that a connection counts as when the document gives no page size.
PAGE_SIZE = SizeRule(arguments=("first", "last"), default=50)

First = Annotated[
    int | None,
    strawberry.argument(
        description="How many from the start, or after `after`. Neither `first` nor"
        " `last`: 50. At most 100, unless the operator set another limit."
    ),
]
After = Annotated[
    str | None, strawberry.argument(description="A cursor: only what comes after it.")
]
Last = Annotated[
    int | None,
    strawberry.argument(description="How many from the end, or before `before`."),
]
Before = Annotated[
    str | None, strawberry.argument(description="A cursor: only what comes before it.")
]
Filter = Annotated[
    JobFilter | None, strawberry.argument(description="Which jobs; null: all.")
]
OrderBy = Annotated[
    JobOrder | None,
    strawberry.argument(description="Null: the latest created first."),
]


def page_arguments(
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:  # noqa: ANN401 -- the field's annotation has the type
    """Declare the arguments of connections."""
    raise NotImplementedError(READ_BY_PLANS)


def jobs_arguments(
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    filter: Filter = UNSET,
    order_by: OrderBy = UNSET,
) -> Any:  # noqa: ANN401 -- as above
    """Declare the arguments of connections of jobs."""
    raise NotImplementedError(READ_BY_PLANS)


def plain(description: str) -> Any:  # noqa: ANN401 -- Strawberry's own type for a field
    """Make a field without rules: its value comes with the object around it."""
    return strawberry.field(description=description)


def count_up_to_arguments(
    limit: Annotated[
        int, strawberry.argument(description="Where to stop counting; 0 or more.")
    ],
) -> int:
    """Declare the argument of `countUpTo`."""
    raise NotImplementedError(READ_BY_PLANS)


def bounded_count() -> Any:  # noqa: ANN401 -- Strawberry's own type for a field
    """Make a connection's field `countUpTo`."""
    return strawberry.field(
        resolver=count_up_to_arguments,
        description="How many there are, but counted only as far as `limit`: where a"
        " page shows `1,000+`, a long list costs no more than a short one.",
    )


def column(
    description: str,
    *,
    columns: tuple[str, ...] = (),
    convert: Convert | None = None,
    table: str | None = None,
    scope: str | None = None,
) -> Any:  # noqa: ANN401 -- Strawberry's own type for a field
    """Make a field that is read from columns.

    Args:
        description: For clients, with the unit.
        columns: Several where `convert` joins them; empty: the one of the field's name.
        convert: From the columns' values to the response value.
        table: Where the columns are, if not in the type's own table.
        scope: What a credential needs to select the field.
    """
    source = Leaf(columns=columns, table=table, convert=convert)
    if scope:
        description = f"{description} Needs the scope `{scope}`."
    return strawberry.field(
        description=description,
        metadata={RULES: FieldRules(source=source, scope=scope)},
    )


def embedded(presence: str, *, description: str) -> Any:  # noqa: ANN401 -- see above
    """Make a field that is an object from columns of the same row.

    Args:
        presence: The column that is null if the object is.
        description: For clients.
    """
    return strawberry.field(
        description=description,
        metadata={RULES: FieldRules(source=Embedded(presence=presence))},
    )


def to_one(entity: str, *, description: str) -> Any:  # noqa: ANN401 -- see above
    """Make a field that is an object from a joined row."""
    return strawberry.field(
        description=description,
        metadata={RULES: FieldRules(source=ToOne(entity=entity))},
    )


def facet(description: str) -> Any:  # noqa: ANN401 -- see above
    """Make a field that lists the values of a facet, of which there are mostly few."""
    return strawberry.field(
        description=f"{description} The most frequent first, at most 100.",
        metadata={RULES: FieldRules(size=SizeRule(arguments=(), default=10))},
    )


def nested_connection(entity: str, *, parent_key: str) -> Mapping[object, object]:
    """Make the metadata of a connection that is a field of an object."""
    source = ToMany(entity=entity, parent_key=parent_key)
    return {RULES: FieldRules(source=source, size=PAGE_SIZE)}
