"""The answer about reported jobs: its types, and the objects of it."""

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
    """The plan of an answer.

    Attributes:
        jobs: What is read of the jobs, by the response keys on the path to it.
    """

    field: FieldSelection
    jobs: Mapping[ResponsePath, RowsPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Reported jobs with their outcomes.

    Attributes:
        jobs: Objects of jobs by identifier, for each path of the plan.
    """

    identifiers: Sequence[str]
    receipts: Sequence[Receipt]
    jobs: Mapping[ResponsePath, Mapping[str, Object]]


def plan_recorded(field: FieldSelection) -> RecordedPlan:
    """Plan an answer."""
    return RecordedPlan(
        field=field,
        jobs={
            (results.key, job.key): plan_rows(ENTITIES["Job"], [job.selection])
            for results in field.selection.named("results")
            for job in results.selection.named("job")
        },
    )


async def read_reported_jobs(
    reading: Reading, plan: RecordedPlan, identifiers: Iterable[str]
) -> Mapping[ResponsePath, Mapping[str, Object]]:
    """Read reported jobs as the caller may see them, one statement for each path."""
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
        found.key: to_result_objects(found, recorded)
        if found.name == "results"
        else count_outcome(found, recorded, selection)
        for found in selection.fields
    }


def count_outcome(
    field: FieldSelection, recorded: Recorded, parent: ObjectSelection
) -> object:
    """Count the jobs that have the outcome of a field's name."""
    if field.definition is None:
        return parent.type_name
    outcome = RecordOutcome(field.name.upper())
    return sum(receipt.outcome is outcome for receipt in recorded.receipts)


def to_result_objects(field: FieldSelection, recorded: Recorded) -> list[Object]:
    """Make an object for each reported job."""
    selection = field.selection
    return [
        to_result_object(selection, at, recorded, field.key)
        for at in range(len(recorded.receipts))
    ]


def to_result_object(
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
                value[found.key] = to_error_object(found.selection, receipt)
            case "job":
                jobs = recorded.jobs[place, found.key]
                known = jobs.get(recorded.identifiers[at])
                value[found.key] = None if receipt.error else known
            case name:
                value[found.key] = values[name]
    return value


def to_error_object(selection: ObjectSelection, receipt: Receipt) -> Object | None:
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
