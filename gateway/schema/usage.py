"""The GraphQL types and the resolver of the usage summary."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from gateway.query.document.selection import coerce_arguments
from gateway.query.fields import RULES, FieldRules, SizeRule, ToMany
from gateway.query.plan.filters import any_of, combine, plan_filter
from gateway.query.usage.buckets import TimeWindow
from gateway.query.usage.plan import SummaryPlan
from gateway.query.usage.request import GroupOrder as Order, UsageRequest
from gateway.query.usage.response import make_summary
from gateway.query.usage.summary import read_usage
from gateway.records import JobSource, JobStatus
from gateway.schema.enums import (
    OrderDirection,
    TimeBucket,
    UsageDimension,
    UsageOrderField,
)
from gateway.schema.fields import READ_BY_PLANS, After, Filter, First, plain
from gateway.schema.nodes import JobConnection, Model, Money, User
from gateway.schema.reading import finish, open_reading
from gateway.schema.roots import Root
from gateway.schema.scalars import BigInt, DateTime, TimeZone

UTC = TimeZone("UTC")


def group_jobs_arguments(first: First = UNSET, after: After = UNSET) -> JobConnection:
    """Declare the arguments of a group's `jobs`."""
    raise NotImplementedError(READ_BY_PLANS)


@strawberry.input(
    description="Order of the groups in each part of the window. Groups that are alike"
    " in it follow each other by what they are of."
)
class UsageOrder:
    field: UsageOrderField = strawberry.field(
        default=UsageOrderField.LENGTH, description="What to order by."
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Which end comes first."
    )


@strawberry.type(
    description="How long something took, over jobs. A percentile is the smallest time"
    " that so many percent of them do not exceed (nearest rank), which always is the"
    " time of one of them. Jobs whose time is not known do not count."
)
class UsageDistribution:
    p50: BigInt = plain("Of half of the jobs it is no more than this, in ms.")
    p95: BigInt = plain("Of 95 percent of the jobs it is no more than this, in ms.")
    p99: BigInt = plain("Of 99 percent of the jobs it is no more than this, in ms.")
    mean: BigInt = plain("Arithmetic mean in whole ms, halves rounded up.")


QUEUE_TIME = (
    "`queueTime` of the jobs that `jobCount` counts, read from the jobs themselves, if"
    " asked for; null: it is known of none."
)
ELAPSED_TIME = (
    "`elapsedTime` of the jobs that `jobCount` counts, whole also where they cross an"
    " edge, read from the jobs themselves, if asked for; null: it is known of none."
)


@strawberry.type(description="Figures of usage.")
class UsageMetrics:
    length_ms: BigInt = plain("Time that runs spent inside the window, in ms.")
    running_ms: BigInt = plain("Part of `lengthMs` from jobs that still run, in ms.")
    job_count: BigInt = plain("Jobs whose run touches the window.")
    cost: list[Money] = plain(
        "What the jobs cost that ended in the window, by currency."
    )
    queue_time: UsageDistribution | None = plain(QUEUE_TIME)
    elapsed_time: UsageDistribution | None = plain(ELAPSED_TIME)


@strawberry.type(
    description="Usage of one group of jobs, in one part of the window where it is"
    " split. The fields of dimensions that were not asked for in `groupBy` are null."
)
class UsageGroup:
    category: str | None = plain("Category; null: jobs that have none.")
    model: Model | None = plain("Model; null: jobs that have none.")
    user: User | None = plain("User; null: jobs that have none.")
    status: JobStatus | None = plain("Status.")
    source: JobSource | None = plain("Source.")
    project_id: BigInt | None = plain("Project; null: jobs that have none.")
    submitted_by: str | None = plain(
        "Prefix of the key that submitted the jobs; null: jobs that tell none."
    )
    bucket_start: DateTime | None = plain(
        "Start of the part of the window; null: it is not split."
    )
    bucket_end: DateTime | None = plain(
        "End of the part of the window; null: it is not split."
    )
    length_ms: BigInt = plain(
        "Time that runs spent inside the window, in ms. A run that crosses an edge"
        " counts with the part inside, so that adjacent windows add up."
    )
    running_ms: BigInt = plain("Part of `lengthMs` from jobs that still run, in ms.")
    job_count: BigInt = plain("Jobs whose run touches the window.")
    cost: list[Money] = plain(
        "What the jobs cost that ended in the window, by currency."
    )
    queue_time: UsageDistribution | None = plain(QUEUE_TIME)
    elapsed_time: UsageDistribution | None = plain(ELAPSED_TIME)
    jobs: JobConnection = strawberry.field(
        resolver=group_jobs_arguments,
        description="Exactly the jobs behind the figures, the latest created first. Of"
        " at most 100 groups at once.",
        metadata={
            RULES: FieldRules(
                source=ToMany(entity="Job"),
                size=SizeRule(arguments=("first",), default=50),
            )
        },
    )


@strawberry.type(description="How much compute was used in a window of time.")
class UsageSummary:
    start_date: DateTime = plain("The window's first instant.")
    end_date: DateTime = plain("The first instant after the window.")
    as_of: DateTime = plain("The instant up to which running jobs are counted.")
    summary: list[UsageGroup] = strawberry.field(
        description="The groups: by part of the window, and in each in the order that"
        " is asked for. At most 10,000.",
        # The number of groups is not known beforehand; most summaries have few.
        metadata={RULES: FieldRules(size=SizeRule(arguments=(), default=20))},
    )
    totals: UsageMetrics = plain(
        "All groups together; a job in several parts of the window counts once."
    )


async def resolve_usage_summary(
    root: Root,
    start_date: Annotated[
        DateTime, strawberry.argument(description="The window's first instant.")
    ],
    end_date: Annotated[
        DateTime,
        strawberry.argument(description="The first instant after the window."),
    ],
    project_id: Annotated[
        BigInt | None, strawberry.argument(description="Only jobs of this project.")
    ] = UNSET,
    filter: Filter = UNSET,
    group_by: Annotated[
        list[UsageDimension],
        strawberry.argument(
            description="What to split by, at most three. Empty: one group, or one for"
            " each part of the window."
        ),
    ] = [UsageDimension.CATEGORY],  # noqa: B006 -- never changed; it becomes the SDL's default
    bucket: Annotated[
        TimeBucket | None,
        strawberry.argument(
            description="Split the window into these parts, at most 10,000; null: do"
            " not. The first and the last end where the window does."
        ),
    ] = UNSET,
    time_zone: Annotated[
        TimeZone, strawberry.argument(description="Whose calendar has the parts.")
    ] = UTC,
    fill_empty: Annotated[  # noqa: FBT002 -- GraphQL's arguments have names
        bool,
        strawberry.argument(
            description="Whether every group that is in the window is in each part of"
            " it, with zeros where it has no jobs. Without dimensions, every part is in"
            " the answer."
        ),
    ] = False,
    order_by: Annotated[
        UsageOrder | None,
        strawberry.argument(description="Null: the longest first."),
    ] = UNSET,
) -> UsageSummary:
    """Compute a usage summary."""
    plan: SummaryPlan = root.field.plan
    arguments = coerce_arguments(plan.field, root.request.variables)
    parts = [plan_filter(arguments.get("filter"))]
    if arguments.get("projectId") is not None:
        parts.append(any_of("project_id", [arguments["projectId"]], "summary_project"))
    split = arguments.get("bucket")
    request = UsageRequest(
        window=TimeWindow(start=start_date, end=end_date),
        dimensions=tuple(found.value for found in arguments["groupBy"]),
        bucket=split.value if split else None,
        time_zone=arguments["timeZone"],
        as_of=root.request.now,
        restriction=combine(parts),
        order=to_order(arguments.get("orderBy")),
        fills_empty=arguments["fillEmpty"],
    )
    async with open_reading(root) as reading:
        usage = await read_usage(
            reading,
            request,
            wants_costs=plan.wants_costs,
            wanted_times=plan.wanted_times,
        )
        value = await make_summary(reading, plan, usage)
    found: UsageSummary = finish(value, reading, plan.field)
    return found


def to_order(argument: Mapping[str, Any] | None) -> Order:
    """Convert a coerced `UsageOrder` argument; None is the default order."""
    if argument is None:
        return Order()
    is_descending = argument["direction"] is OrderDirection.DESC
    return Order(by=argument["field"].value, is_descending=is_descending)
