"""Random jobs, changes and questions about usage, for both sides of a comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from gateway.records import (
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    MoneyRecord,
    UserRecord,
)

MODELS = [None, *(ModelRecord(identifier=name, version="1") for name in "BA")]
USERS = [None, *(UserRecord(identifier=name) for name in "ZY")]
CATEGORIES = [None, "", "train", "deploy"]
PROJECTS = [None, 9, 10]
KEYS = [None, "ei_1", "ei_2"]
COSTS = [
    None,
    MoneyRecord(amount=Decimal(0), currency="EUR"),
    MoneyRecord(amount=Decimal("0.1"), currency="USD"),
    MoneyRecord(amount=Decimal("-7.000000001"), currency="USD"),
    MoneyRecord(amount=Decimal("1E+9"), currency="EUR"),
]
# Zone, and days about which its clock changes, the last long before there were such.
ZONES = {
    "UTC": ["2026-01-01", "1970-01-01"],
    "Europe/Paris": ["2026-03-29", "2026-10-25"],
    "Asia/Kolkata": ["2026-06-01"],
    "Asia/Kathmandu": ["2026-01-31", "1985-12-31"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "America/Sao_Paulo": ["2018-11-04"],
}
BUCKETS = {None: 400, "HOUR": 5, "DAY": 40, "WEEK": 90, "MONTH": 200}
DIMENSIONS = [
    "CATEGORY",
    "MODEL",
    "USER",
    "STATUS",
    "SOURCE",
    "PROJECT",
    "SUBMITTED_BY",
]
FILTERS: Sequence[Mapping[str, Any]] = [
    {"projectId": [9]},
    {"projectId": [9, 10]},
    {"projectId": []},
    {"status": ["COMPLETED", "RUNNING"]},
    {"category": ["train", ""]},
    {"model": {"identifier": ["A"]}},
    {"user": ["Z"], "statusGroup": "TERMINATED"},
    {"projectId": [10], "source": ["MODZY"]},
]
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
LENGTHS_MS = st.one_of(
    st.sampled_from([0, 1, HOUR_MS, DAY_MS]),
    st.integers(0, 3 * HOUR_MS),
    st.integers(0, 300 * DAY_MS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Jobs as they come, one batch after the other, and what is asked of them.

    Attributes:
        arguments: Of `usageSummary`, as JSON.
        project: The only one that the principal sees, if any.
    """

    batches: Sequence[Sequence[JobRecord]]
    arguments: Mapping[str, Any]
    project: int | None


# True four times out of five.
often = st.integers(0, 4).map(bool)


@st.composite
def instants(draw: st.DrawFn, base: datetime, days: int) -> datetime:
    """Make an instant some days around another, often at a full hour or quarter."""
    step_ms = draw(st.sampled_from([1, 15 * 60_000, HOUR_MS]))
    steps = draw(st.integers(-days * DAY_MS // step_ms, days * DAY_MS // step_ms))
    return base + timedelta(milliseconds=steps * step_ms)


@st.composite
def jobs(draw: st.DrawFn, base: datetime, days: int) -> JobRecord:
    """Make a job that may have run."""
    started_at = draw(instants(base, days)) if draw(often) else None
    created_at = started_at or base
    return JobRecord(
        source=draw(st.sampled_from(list(JobSource)[:2])),
        job_identifier=draw(st.sampled_from([f"job-{at}" for at in range(12)])),
        project_id=draw(st.sampled_from(PROJECTS)),
        category=draw(st.sampled_from(CATEGORIES)),
        status=draw(st.sampled_from(list(JobStatus))),
        model=draw(st.sampled_from(MODELS)),
        user=draw(st.sampled_from(USERS)),
        submitted_by=draw(st.sampled_from(KEYS)),
        created_at=created_at,
        started_at=started_at,
        finished_at=draw(instants(base, days)) if draw(often) else None,
        updated_at=created_at,
        elapsed_ms=draw(LENGTHS_MS) if draw(often) else None,
        queue_ms=draw(LENGTHS_MS) if draw(often) else None,
        cost=draw(st.sampled_from(COSTS)),
    )


@st.composite
def edges(
    draw: st.DrawFn, base: datetime, days: int, batches: Sequence[Sequence[JobRecord]]
) -> datetime:
    """Make an edge of the window, now and then where a run starts or ends."""
    if draw(often):
        return draw(instants(base, days // 2))
    starts = [job for batch in batches for job in batch if job.started_at]
    job = draw(st.sampled_from(starts)) if starts else None
    if job is None or job.started_at is None:
        return base
    return job.started_at + draw(st.booleans()) * timedelta(
        milliseconds=job.elapsed_ms or 0
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Make a case."""
    zone = draw(st.sampled_from(list(ZONES)))
    day = draw(st.sampled_from(ZONES[zone]))
    base = datetime.fromisoformat(day).replace(tzinfo=UTC)
    bucket = draw(st.sampled_from(list(BUCKETS)))
    days = BUCKETS[bucket]
    batches = draw(
        st.lists(
            st.lists(jobs(base, days), min_size=6, max_size=12), min_size=1, max_size=3
        )
    )
    later = [
        [replace(job, updated_at=base + timedelta(days=1_000 + at)) for job in batch]
        for at, batch in enumerate(batches)
    ]
    window = sorted(
        draw(edges(base + side * timedelta(days=days / 2), days, batches))
        for side in (-1, 1)
    )
    arguments: dict[str, Any] = {
        "startDate": window[0].isoformat(),
        "endDate": window[1].isoformat(),
        "bucket": bucket,
        "timeZone": zone,
        "groupBy": draw(st.lists(st.sampled_from(DIMENSIONS), max_size=3, unique=True)),
        "filter": draw(st.sampled_from([None] * len(FILTERS) + [*FILTERS])),
        "projectId": draw(st.sampled_from([None] * 5 + [9])),
        "fillEmpty": draw(st.booleans()),
        "orderBy": {
            "field": draw(st.sampled_from(["LENGTH", "COUNT", "KEY"])),
            "direction": draw(st.sampled_from(["ASC", "DESC"])),
        },
    }
    project = draw(st.sampled_from([None] * 4 + [9]))
    return Case(batches=later, arguments=arguments, project=project)
