"""What became of reported jobs: the types of the answer, and its values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import strawberry

from gateway.arrival.reports import Receipt, RecordOutcome
from gateway.query.document.selection import FieldSelection, ObjectSelection
from gateway.query.fields import ENTITIES, RULES, FieldRules
from gateway.query.plan.filters import any_of, combine
from gateway.query.plan.plan import ResponsePath, RowsPlan, plan_rows
from gateway.query.run.levels import read_objects
from gateway.query.run.reading import Reading
from gateway.query.run.shape import Object
from gateway.records import JobSource
from gateway.schema.enums import describe
from gateway.schema.fields import plain
from gateway.schema.nodes import Job


class RecordErrorCode(StrEnum):
    """Why a reported job is rejected; codes that errors of operations have, too."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    FORBIDDEN = "FORBIDDEN"


describe(
    RecordOutcome,
    "What became of a reported job.",
    RECORDED="It was not known, and is now.",
    UPDATED="It was known, and is now as reported.",
    UNCHANGED="It is known exactly as reported.",
    OUTDATED="Something newer is known, by `updatedAt`; the report changed nothing.",
    REJECTED="It cannot be kept; `error` says why.",
)
describe(
    RecordErrorCode,
    "Why a reported job is rejected.",
    BAD_USER_INPUT="A field has a value that cannot be kept.",
    FORBIDDEN="It is of another project than the credential.",
)


@strawberry.type(description="Why a reported job is rejected.")
class RecordError:
    code: RecordErrorCode = plain("For machines.")
    message: str = plain("For people: the field, what it is, what would be right.")


@strawberry.type(description="What became of one reported job.")
class RecordedJob:
    index: int = plain("Its place in `jobs`, from 0.")
    job_identifier: str = plain("Its identifier, as reported.")
    outcome: RecordOutcome = plain("What became of it.")
    error: RecordError | None = plain("Why it is rejected; null: it is not.")
    job: Job | None = strawberry.field(
        description="The job as it is known after all of the call; null: it is"
        " rejected. Needs the scope `jobs:read`.",
        metadata={RULES: FieldRules(scope="jobs:read")},
    )


@strawberry.type(description="What became of reported jobs, and how many of each.")
class RecordedJobs:
    results: list[RecordedJob] = plain("Each of them, in the order of `jobs`.")
    recorded: int = plain("How many were new.")
    updated: int = plain("How many were changed.")
    unchanged: int = plain("How many were known exactly so.")
    outdated: int = plain("How many were older than what is known.")
    rejected: int = plain("How many cannot be kept.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPlan:
    """What is asked of reported jobs.

    Attributes:
        jobs: What is read of them, by the response keys on the way to it.
    """

    field: FieldSelection
    jobs: Mapping[ResponsePath, RowsPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Reported jobs with what became of them.

    Attributes:
        jobs: The jobs, as objects by identifier, where the plan has what is asked.
    """

    identifiers: Sequence[str]
    receipts: Sequence[Receipt]
    jobs: Mapping[ResponsePath, Mapping[str, Object]]


def plan_recorded(field: FieldSelection) -> RecordedPlan:
    """Plan what is asked of reported jobs."""
    return RecordedPlan(
        field=field,
        jobs={
            (results.key, job.key): plan_rows(ENTITIES["Job"], [job.selection])
            for results in field.selection.named("results")
            for job in results.selection.named("job")
        },
    )


async def read_jobs(
    reading: Reading, plan: RecordedPlan, identifiers: Iterable[str]
) -> Mapping[ResponsePath, Mapping[str, Object]]:
    """Read reported jobs as the caller may see them, each kind of object at once."""
    wanted = set(identifiers)
    restriction = combine(
        [
            any_of("source", [JobSource.GATEWAY.value]),
            any_of("job_identifier", wanted),
        ]
    )
    found = {}
    for place, rows in plan.jobs.items():
        objects = await read_objects(
            reading,
            rows,
            restriction,
            identity=("job_identifier",),
            limit=len(wanted),
        )
        found[place] = {name: value for (name,), value in objects.items()}
    return found


def to_recorded(plan: RecordedPlan, recorded: Recorded) -> Object:
    """Make the value of the whole answer."""
    selection = plan.field.selection
    return {
        found.key: to_results(found, recorded)
        if found.name == "results"
        else to_count(found, recorded, selection)
        for found in selection.fields
    }


def to_count(
    field: FieldSelection, recorded: Recorded, parent: ObjectSelection
) -> object:
    """Count the jobs of an outcome."""
    if field.definition is None:
        return parent.type_name
    outcome = RecordOutcome(field.name.upper())
    return sum(receipt.outcome is outcome for receipt in recorded.receipts)


def to_results(field: FieldSelection, recorded: Recorded) -> list[Object]:
    """Make an object for each reported job."""
    selection = field.selection
    return [
        to_result(selection, at, recorded, field.key)
        for at in range(len(recorded.receipts))
    ]


def to_result(
    selection: ObjectSelection, at: int, recorded: Recorded, place: str
) -> Object:
    """Make the object of one reported job."""
    receipt = recorded.receipts[at]
    values: Object = {
        "index": at,
        "jobIdentifier": recorded.identifiers[at],
        "outcome": receipt.outcome.value,
        "__typename": selection.type_name,
    }
    value: Object = {}
    for found in selection.fields:
        match found.name:
            case "error":
                value[found.key] = to_error(found.selection, receipt)
            case "job":
                jobs = recorded.jobs[place, found.key]
                known = jobs.get(recorded.identifiers[at])
                value[found.key] = None if receipt.error else known
            case name:
                value[found.key] = values[name]
    return value


def to_error(selection: ObjectSelection, receipt: Receipt) -> Object | None:
    """Make the error of a rejected job."""
    error = receipt.error
    if error is None:
        return None
    values = {
        "code": error.code.value,
        "message": error.message,
        "__typename": selection.type_name,
    }
    return {found.key: values[found.name] for found in selection.fields}
