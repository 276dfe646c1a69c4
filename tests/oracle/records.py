"""A number to a small account of jobs, full of ties and of what is not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    MoneyRecord,
    UserRecord,
)

# The night in which the clocks of Europe are put forward.
BASE = datetime(2026, 3, 28, 21, tzinfo=UTC)
INSTANTS = (
    BASE,
    BASE + timedelta(microseconds=999),
    BASE + timedelta(hours=2, milliseconds=500, microseconds=1),
    BASE + timedelta(hours=4),
    BASE + timedelta(hours=4, milliseconds=1),
    BASE + timedelta(hours=7, minutes=30),
    BASE + timedelta(days=1, hours=1),
    BASE + timedelta(days=3, seconds=1),
    BASE + timedelta(days=34),
)
ACCOUNT = "acme"
BEYOND_JSON = 2**53 + 1
PROJECTS = (7, 9, 10, BEYOND_JSON)
TEXTS = ("", "a", "A", "Zoë 🦊", 'say "no"\n', "b" * 200)
CATEGORIES = ("Training model", "training model", "", "Ünïcode", "Deploy")
KEYS = ("ei_1", "ei_2", "EI_1")
MODELS = (
    ModelRecord(identifier="ed542963de", version="1.0.1", name="Sentiment"),
    ModelRecord(identifier="ed542963de", version="0.9", name="Sentiment"),
    ModelRecord(identifier="ed542963de"),
    ModelRecord(identifier="Zeta", version="1.0.1"),
    ModelRecord(identifier="ähnlich", name=""),
)
USERS = (
    UserRecord(identifier="17", first_name="Ann", email="ann@example.com"),
    UserRecord(identifier="3", last_name="Bo", status="active", title="Dr"),
    UserRecord(identifier="Ärmel", external_identifier="aermel"),
)
LENGTHS_MS = (0, 1, 999, 3_600_000, 90_061_001)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJob:
    """A job as it is stored in an account.

    Attributes:
        number: Its place in the order of arrival.
        broken: Columns that are overwritten with values the gateway never writes;
            `input_status` is that of its first input.
    """

    number: int
    record: JobRecord
    broken: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The jobs of an account, in the order of their arrival."""

    account: str
    jobs: Sequence[StoredJob]

    @property
    def records(self) -> Sequence[JobRecord]:
        """The jobs as they arrive."""
        return [stored.record for stored in self.jobs]


def make_world(number: int, *, keeps_any_number: bool) -> World:
    """Make a data set; in every other one values are broken.

    Args:
        number: Tells one from another.
        keeps_any_number: Whether the database puts numbers beyond 32 bits where they
            do not belong.
    """
    random = Random(number)  # noqa: S311 -- made data is no secret
    count = random.randint(5, 40)
    sources = list(JobSource)
    names = [(source, f"job-{at}") for source in sources for at in range(60)]
    jobs = [
        make_job(random, source, name) for source, name in random.sample(names, count)
    ]
    ailing = set(random.sample(range(count), 4)) if number % 2 == 1 else set()
    return World(
        account=ACCOUNT,
        jobs=[
            StoredJob(
                number=at + 1,
                record=job,
                broken=make_invalid_columns(random, keeps_any_number)
                if at in ailing
                else {},
            )
            for at, job in enumerate(jobs)
        ],
    )


def make_invalid_columns(random: Random, keeps_any_number: bool) -> Mapping[str, Any]:  # noqa: FBT001 -- as above
    """Choose what is broken about a job."""
    choices: list[Mapping[str, Any]] = [
        {"status": "MELTED"},
        {"source": "ABACUS"},
        {"input_status": "MELTED"},
    ]
    if keeps_any_number:
        choices += [{"total": 2**31}, {"incremental_id": -(2**31) - 1, "failed": 2**40}]
    return random.choice(choices)


def make_job(random: Random, source: JobSource, name: str) -> JobRecord:
    """Make a job; nothing about it has to make sense."""

    def maybe(values: Sequence[Any]) -> Any:  # noqa: ANN401 -- one of the values
        return random.choice([None, *values])

    return JobRecord(
        source=source,
        job_identifier=name,
        project_id=maybe(PROJECTS),
        category=maybe(CATEGORIES),
        category_key=maybe(TEXTS),
        label=maybe(TEXTS),
        status=random.choice(list(JobStatus)),
        raw_status=maybe(TEXTS),
        model=maybe(MODELS),
        user=maybe(USERS),
        submitted_by=maybe(KEYS),
        created_at=random.choice(INSTANTS[:5]),
        submitted_at=maybe(INSTANTS),
        assigned_at=maybe(INSTANTS),
        started_at=maybe(INSTANTS * 2),
        finished_at=maybe(INSTANTS),
        updated_at=random.choice(INSTANTS),
        total=random.randint(0, 3),
        pending=random.randint(-1, 2),
        completed=2**31 - 1,
        failed=0,
        elapsed_ms=maybe(LENGTHS_MS),
        queue_ms=maybe([*LENGTHS_MS, -5]),
        timeout_ms=maybe([0, BEYOND_JSON, -BEYOND_JSON]),
        explain=maybe([True, False]),
        image_classification_model=maybe([True, False]),
        input_bytes=maybe([0, 2**40, 2**53 - 1, BEYOND_JSON]),
        inputs=tuple(make_input(random, at) for at in range(random.randint(0, 4))),
        cost=maybe(
            [MoneyRecord(amount=a, currency=c) for a in AMOUNTS for c in CURRENCIES]
        ),
        arguments=maybe(TEXTS),
        result=maybe(TEXTS),
        instance=maybe(TEXTS),
        run=maybe(TEXTS),
        incremental_id=maybe([0, -1, 2**31 - 1]),
        processors=maybe([0, 2**31 - 1]),
        requested_processors=maybe([1]),
        logs=maybe([JobLogs(), JobLogs(stdout="out", build_logs="built")]),
    )


AMOUNTS = (Decimal(0), Decimal("0.08"), Decimal("100.000000001"), Decimal("1E+2"))
CURRENCIES = ("USD", "EUR")


def make_input(random: Random, at: int) -> JobInputRecord:
    """Make an input of a job."""

    def maybe(values: Sequence[Any]) -> Any:  # noqa: ANN401 -- one of the values
        return random.choice([None, *values])

    return JobInputRecord(
        identifier=random.choice(["image.png", f"input-{at}"]),
        status=maybe(list(JobStatus)),
        started_at=maybe(INSTANTS),
        finished_at=maybe(INSTANTS),
        elapsed_ms=maybe(LENGTHS_MS),
        input_bytes=maybe([0, BEYOND_JSON]),
        error=maybe(TEXTS),
    )
