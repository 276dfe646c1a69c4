"""Turn a draft into a job as each source system would report it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from gateway.cli.made_catalogue import (
    CATEGORIES,
    FUNCTIONS,
    MODELS,
    Function,
    MadeTenant,
    Work,
)
from gateway.dialects import modzy, sharedcloud
from gateway.dialects.items import to_item_counts
from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    MoneyRecord,
)

CATEGORY_WEIGHTS = (30, 28, 14, 12, 8, 6, 2)
MODEL_WEIGHTS = (6, 14, 9, 8, 7, 6, 4, 5, 13, 10, 3, 5)
# Jobs of sharedcloud belong to runs: calls of one function.
RUN_JOBS = 24
RUNS = NAMESPACE_OID
PRICE_PER_MINUTE = Decimal("0.004")
SMALLEST_PRICE = Decimal("0.001")
MODZY_OUTCOMES = {
    JobStatus.COMPLETED: 860,
    JobStatus.FAILED: 70,
    JobStatus.CANCELED: 35,
    JobStatus.TIMEDOUT: 25,
    JobStatus.UNKNOWN: 10,
}
EDGE_IMPULSE_OUTCOMES = {
    JobStatus.COMPLETED: 890,
    JobStatus.FAILED: 105,
    JobStatus.UNKNOWN: 5,
}
SHAREDCLOUD_OUTCOMES = {
    JobStatus.COMPLETED: 880,
    JobStatus.FAILED: 70,
    JobStatus.TIMEDOUT: 45,
    JobStatus.UNKNOWN: 5,
}
# Where several words mean a status, the last one in the dialect's table is used.
MODZY_WORDS = {status: word for word, status in modzy.STATUSES.items()} | {
    JobStatus.UNKNOWN: "ARCHIVED"
}
SHAREDCLOUD_WORDS = {status: word for word, status in sharedcloud.STATUSES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is decided about a job before its source: account, number and creation."""

    random: Random
    tenant: MadeTenant
    number: int
    created_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The status and the times of a job, in the source's resolution."""

    status: JobStatus
    started_at: datetime | None = None
    finished_at: datetime | None = None
    elapsed_ms: int | None = None
    queue_ms: int | None = None


def make_course(
    draft: Draft, work: Work, outcomes: Mapping[JobStatus, int], step_ms: int
) -> Course:
    """Choose queue time, run time and outcome; a job may not have ended by now."""
    random = draft.random
    queue_ms = to_steps(random.lognormvariate(1.2, 0.9), step_ms)
    elapsed_ms = to_steps(
        work.median_s * random.lognormvariate(0, work.spread), step_ms
    )
    started_at = draft.created_at + timedelta(milliseconds=queue_ms)
    finished_at = started_at + timedelta(milliseconds=elapsed_ms)
    if started_at > draft.now:
        return Course(status=JobStatus.QUEUED)
    if finished_at > draft.now:
        return Course(
            status=JobStatus.RUNNING, started_at=started_at, queue_ms=queue_ms
        )
    [status] = random.choices(list(outcomes), list(outcomes.values()))
    return Course(
        status=status,
        started_at=started_at,
        finished_at=finished_at,
        elapsed_ms=elapsed_ms,
        queue_ms=queue_ms,
    )


def to_steps(seconds: float, step_ms: int) -> int:
    """Round seconds to a multiple of a step in milliseconds, at least one step."""
    return max(1, round(seconds * 1000 / step_ms)) * step_ms


def to_common(draft: Draft, course: Course) -> dict[str, Any]:
    """Return the record fields that are set the same for all sources."""
    return {
        "status": course.status,
        "created_at": draft.created_at,
        "submitted_at": draft.created_at,
        "started_at": course.started_at,
        "updated_at": course.finished_at or course.started_at or draft.created_at,
        "elapsed_ms": course.elapsed_ms,
        "queue_ms": course.queue_ms,
    }


def make_modzy_job(draft: Draft) -> JobRecord:
    """Make a run of a model over its inputs."""
    random = draft.random
    [model] = random.choices(MODELS, MODEL_WEIGHTS)
    size = 1 + min(int(random.expovariate(0.35)), 19)
    work = Work(median_s=model.work.median_s * size, spread=model.work.spread)
    course = make_course(draft, work, MODZY_OUTCOMES, step_ms=1)
    inputs = make_inputs(random, course.status, size)
    statuses = [item.status for item in inputs]
    return JobRecord(
        source=JobSource.MODZY,
        job_identifier=make_uuid(random),
        **to_common(draft, course),
        raw_status=MODZY_WORDS[course.status],
        model=model.model,
        user=random.choice(draft.tenant.users),
        submitted_by=random.choice(draft.tenant.keys),
        # An unknown word does not say that the job ended.
        finished_at=None if course.status is JobStatus.UNKNOWN else course.finished_at,
        total=size,
        pending=size
        - statuses.count(JobStatus.COMPLETED)
        - statuses.count(JobStatus.FAILED),
        completed=statuses.count(JobStatus.COMPLETED),
        failed=statuses.count(JobStatus.FAILED),
        timeout_ms=random.choice((None, 3_600_000, 86_400_000)),
        explain=random.randrange(10) == 0,
        image_classification_model=model.is_image,
        input_bytes=int(random.lognormvariate(13 if model.is_image else 8, 1)) * size,
        inputs=inputs,
    )


def make_inputs(
    random: Random, status: JobStatus, size: int
) -> tuple[JobInputRecord, ...]:
    """Make inputs whose statuses fit the job's; of a failed job the last failed."""
    done = size if status is JobStatus.COMPLETED else random.randrange(size)
    if status is JobStatus.QUEUED:
        done = 0
    rest = {
        JobStatus.FAILED: JobStatus.FAILED,
        JobStatus.RUNNING: JobStatus.RUNNING,
    }.get(status, JobStatus.QUEUED)
    return tuple(
        make_input(position, JobStatus.COMPLETED if position <= done else rest)
        for position in range(1, size + 1)
    )


def make_input(position: int, status: JobStatus) -> JobInputRecord:
    """Make one input of a job."""
    return JobInputRecord(
        identifier=f"input-{position:02}",
        status=status,
        error="the input could not be parsed" if status is JobStatus.FAILED else None,
    )


def make_edge_impulse_job(draft: Draft) -> JobRecord:
    """Make a job of a category, in a project."""
    random = draft.random
    [category] = random.choices(CATEGORIES, CATEGORY_WEIGHTS)
    course = make_course(draft, category.work, EDGE_IMPULSE_OUTCOMES, step_ms=1)
    user = random.choice(draft.tenant.users)
    return JobRecord(
        source=JobSource.EDGE_IMPULSE,
        job_identifier=str(7_000_000 + draft.number),
        project_id=random.choice(draft.tenant.projects),
        category=category.name,
        category_key=category.key,
        label=f"{category.key}-{random.randrange(1, 9)}",
        **to_common(draft, course),
        # The document has neither an address nor a title.
        user=replace(user, email=None, status=None, title=None),
        finished_at=course.finished_at,
        **to_item_counts(course.status),
    )


def make_sharedcloud_job(draft: Draft) -> JobRecord:
    """Make one call of a function, paid by the minute."""
    random = draft.random
    run = draft.number // RUN_JOBS
    function = FUNCTIONS[run % len(FUNCTIONS)]
    # Its instants are whole seconds.
    draft = replace(draft, created_at=draft.created_at.replace(microsecond=0))
    course = make_course(draft, function.work, SHAREDCLOUD_OUTCOMES, step_ms=1000)
    is_assigned = course.started_at is not None
    return JobRecord(
        source=JobSource.SHAREDCLOUD,
        job_identifier=make_uuid(random),
        **to_common(draft, course),
        raw_status=SHAREDCLOUD_WORDS.get(course.status),
        model=function.model,
        assigned_at=course.started_at,
        finished_at=course.finished_at,
        **to_item_counts(course.status),
        cost=make_cost(course),
        arguments=function.arguments.format(n=random.randrange(1, 513)),
        result="0.9731" if course.status is JobStatus.COMPLETED else None,
        instance=make_uuid(random) if is_assigned else None,
        run=str(uuid5(RUNS, f"{draft.tenant.account} {run}")),
        incremental_id=draft.number % RUN_JOBS,
        logs=make_logs(function, course),
    )


def make_cost(course: Course) -> MoneyRecord:
    """Price a job by its run time; failed and unfinished jobs are free."""
    is_paid = course.status in {JobStatus.COMPLETED, JobStatus.TIMEDOUT}
    minutes = Decimal(course.elapsed_ms or 0) / 60_000 if is_paid else Decimal(0)
    amount = (minutes * PRICE_PER_MINUTE).quantize(SMALLEST_PRICE)
    return MoneyRecord(amount=amount, currency="USD")


def make_logs(function: Function, course: Course) -> JobLogs:
    """Write the logs of a job, up to its current state."""
    if course.started_at is None:
        return JobLogs(build_logs="", stdout="", stderr="")
    name = function.model.identifier
    ended = f"{name}: done\n" if course.status is JobStatus.COMPLETED else ""
    is_failed = course.status is JobStatus.FAILED
    return JobLogs(
        build_logs=f"Pulling image {name}:latest\nDigest is up to date\n",
        stdout=f"{name}: started\n{ended}",
        stderr="MemoryError: the worker has 2 GiB\n" if is_failed else "",
    )


def make_uuid(random: Random) -> str:
    """Make a random UUID as text."""
    return str(UUID(int=random.getrandbits(128), version=4))


# In the order of `MadeTenant.mix`.
MAKERS: tuple[Callable[[Draft], JobRecord], ...] = (
    make_modzy_job,
    make_edge_impulse_job,
    make_sharedcloud_job,
)
