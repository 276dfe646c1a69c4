"""The GraphQL enums, with a description of each value."""

from enum import Enum, StrEnum

import strawberry

from gateway.auth.principal import CredentialKind
from gateway.records import JobSource, JobStatus, JobStatusGroup
from gateway.upstreams.states import UpstreamState


def describe(enum: type[StrEnum], description: str, **values: str) -> None:
    """Register an enum of the records as a GraphQL enum.

    Args:
        enum: The enum; the GraphQL enum has its name.
        description: Of the enum.
        values: The descriptions of its values, by name.
    """
    strawberry.enum(enum, description=description)
    definition = enum.__strawberry_definition__  # type: ignore[attr-defined]  # set above
    for value in definition.values:
        value.description = values[value.name]


describe(
    JobSource,
    "System a job was reported by.",
    EDGE_IMPULSE="Edge Impulse Studio.",
    GATEWAY="Reported to the gateway in its own format.",
    MODZY="Modzy.",
    SHAREDCLOUD="sharedcloud.io.",
    SWF="A log in the Standard Workload Format of the Parallel Workloads Archive.",
)
describe(
    JobStatus,
    "Where a job stands. `rawStatus` has the source's own word.",
    QUEUED="Created and not started: Modzy's OPEN and SUBMITTED, sharedcloud's 1.",
    RUNNING="Started and not ended: Modzy's IN_PROGRESS, sharedcloud's 2.",
    COMPLETED="Ended well. Some of its inputs may have failed all the same.",
    FAILED="Ended with an error.",
    CANCELED="Ended because somebody asked for it.",
    TIMEDOUT="Ended because its time was up.",
    UNKNOWN="The source used a word the gateway does not know, or none.",
)
describe(
    JobStatusGroup,
    "Groups of statuses, as in Modzy's job history.",
    ALL="Every status, UNKNOWN among them.",
    PENDING="QUEUED and RUNNING.",
    TERMINATED="COMPLETED, FAILED, CANCELED and TIMEDOUT.",
    TIMEDOUT="TIMEDOUT.",
)
describe(
    UpstreamState,
    "How the fetching of jobs from a source system stands.",
    NEVER="No round has ended yet, well or badly, and none is under way.",
    IDLE="The last round went well, and the next one comes in time.",
    SYNCING="A round is under way, and the one before did not fail.",
    FAILING="The last round failed, as `error` says; it is tried again as long as there"
    " is a process that does so.",
    STOPPED="The last round went well, and no process fetches any more.",
)
describe(
    CredentialKind,
    "Form of the credential a request came with.",
    API_KEY="An API key.",
    JWT="A JSON Web Token.",
)


@strawberry.enum(description="Direction of an order.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value(
        "ASC", description="The smallest, earliest or first in the alphabet first."
    )
    DESC = strawberry.enum_value(
        "DESC", description="The largest, latest or last in the alphabet first."
    )


@strawberry.enum(
    description="What jobs can be ordered by. A job that lacks the instant counts as"
    " later than all that have it."
)
class JobOrderField(Enum):
    CREATED_AT = strawberry.enum_value("created_at", description="By `createdAt`.")
    SUBMITTED_AT = strawberry.enum_value(
        "submitted_at", description="By `submittedAt`."
    )
    STARTED_AT = strawberry.enum_value("started_at", description="By `startedAt`.")
    FINISHED_AT = strawberry.enum_value("finished_at", description="By `finishedAt`.")
    UPDATED_AT = strawberry.enum_value("updated_at", description="By `updatedAt`.")


@strawberry.enum(description="What usage can be split by.")
class UsageDimension(Enum):
    CATEGORY = strawberry.enum_value("category", description="By `category`.")
    MODEL = strawberry.enum_value("model_id", description="By model and its version.")
    USER = strawberry.enum_value("user_id", description="By user.")
    STATUS = strawberry.enum_value("status", description="By status.")
    SOURCE = strawberry.enum_value("source", description="By source.")
    PROJECT = strawberry.enum_value("project_id", description="By project.")
    SUBMITTED_BY = strawberry.enum_value(
        "submitted_by", description="By the prefix of the key that submitted the job."
    )


@strawberry.enum(description="What groups of usage can be ordered by.")
class UsageOrderField(Enum):
    LENGTH = strawberry.enum_value("LENGTH", description="By `lengthMs`.")
    COUNT = strawberry.enum_value("COUNT", description="By `jobCount`.")
    KEY = strawberry.enum_value(
        "KEY",
        description="By what the groups are of, in the order of `groupBy`: models by"
        " `identifier` and `version`, users by `identifier`, the rest by its value. A"
        " group of jobs that have none counts as later than all others.",
    )


@strawberry.enum(
    description="Length of the parts a usage window is split into. Their edges are"
    " those of the calendar in the time zone that is asked for."
)
class TimeBucket(Enum):
    HOUR = strawberry.enum_value("HOUR", description="Hours.")
    DAY = strawberry.enum_value(
        "DAY", description="Days; 23 or 25 hours long where the clock changes."
    )
    WEEK = strawberry.enum_value("WEEK", description="Weeks from Monday (ISO 8601).")
    MONTH = strawberry.enum_value("MONTH", description="Calendar months.")
