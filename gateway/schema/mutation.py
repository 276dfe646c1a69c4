"""The mutation root."""

from typing import Annotated

import strawberry

from gateway.arrival.reports import record_jobs
from gateway.errors import InputError
from gateway.query.document.selection import coerce_arguments
from gateway.query.fields import RULES, FieldRules, SizeRule
from gateway.schema.finished import Finished
from gateway.schema.reading import finish, open_reading
from gateway.schema.record_inputs import JobRecordInput, to_job_document
from gateway.schema.recorded import (
    Recorded,
    RecordedJobs,
    RecordedPlan,
    plan_recorded,
    read_reported_jobs,
    to_recorded,
)
from gateway.schema.roots import Root

MAX_JOBS = 500


async def resolve_record_jobs(
    root: Root,
    jobs: Annotated[
        list[JobRecordInput],
        strawberry.argument(
            description=f"The jobs, at most {MAX_JOBS}. One that comes twice is taken"
            " as if each came on its own, in this order."
        ),
    ],
) -> RecordedJobs:
    """Write jobs, and read them back where the selection needs them."""
    plan: RecordedPlan = root.field.plan
    request, tenant = root.request, root.request.tenant
    given = coerce_arguments(plan.field, request.variables)["jobs"]
    if len(given) > MAX_JOBS:
        raise InputError(f"jobs has {len(given)} items; give at most {MAX_JOBS}")
    receipts = await record_jobs(
        request.process.database,
        tenant.account,
        [to_job_document(each) for each in given],
        project_id=tenant.project_id,
    )
    names = [each["jobIdentifier"] for each in given]
    if not plan.jobs:
        value = to_recorded(
            plan, Recorded(identifiers=names, receipts=receipts, jobs={})
        )
        return Finished(value)  # type: ignore[return-value]  # finished
    async with open_reading(root) as reading:
        found = await read_reported_jobs(reading, plan, names)
    recorded = Recorded(identifiers=names, receipts=receipts, jobs=found)
    return finish(to_recorded(plan, recorded), reading, plan.field)  # type: ignore[no-any-return]  # finished


@strawberry.type(description="What can be changed.")
class Mutation:
    record_jobs: RecordedJobs = strawberry.field(
        resolver=resolve_record_jobs,
        description="Records jobs of a system that reports them itself, in one"
        " transaction: what is wrong with one is told beside it, and all others are"
        " written. Recording a job again changes nothing, and an older report never"
        " overwrites a newer one. A credential of one project writes to that project"
        " alone. Needs the scope `jobs:write`.",
        metadata={
            RULES: FieldRules(
                scope="jobs:write",
                size=SizeRule(arguments=("jobs",), default=MAX_JOBS, maximum=MAX_JOBS),
                plan=plan_recorded,
            )
        },
    )
