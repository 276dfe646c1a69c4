"""The jobs of an upstream, and what happens to them while somebody reads them.

All of it follows from a seed and an instant, so that a failure can be repeated.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from gateway.cli.made_catalogue import TENANTS
from gateway.cli.made_jobs import make_instants, to_offset
from gateway.cli.made_sources import Draft
from gateway.dialects.residue import JsonObject
from gateway.records import JobRecord

STEPS, STEP_MS = 400, 50
# So long does all that happens take by the upstream's clock.
LASTS = timedelta(milliseconds=STEPS * STEP_MS)
BEFORE = -1
# Of a thousand jobs so many are not done at first, and so many are not there yet.
OPEN_PER_MILLE, NEW_PER_MILLE = 8, 20
# Jobs that are made together, in one call, have one instant.
BURST, BURST_EVERY = 12, 500
# A new job is in the lists up to so long after it was made.
LATENESS_S = 3
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an upstream says of a job at one time.

    Attributes:
        ended_at: When the job ended, None as long as it has not.
    """

    identifier: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    document: JsonObject


# At which step a job becomes what.
Event = tuple[int, Version]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a source system writes the course of a job.

    Attributes:
        write: A finished job's record to a document, with all that real ones have.
        wait: What the document was before the job started.
        start: A waiting job's document to that of one that has started at an instant.
        end: A running job's document to that of one that has ended at an instant, as
            the finished document says.
        touch: A document to one of which a detail was changed at an instant.
        to_version: Reads what lists are ordered and filtered by.
        lists_changes: Whether a client can find what changed of an old job that has
            ended; where it cannot, nothing does.
    """

    make: Callable[[Draft], JobRecord]
    write: Callable[[JobRecord, Random], JsonObject]
    wait: Callable[[JsonObject], JsonObject]
    start: Callable[[JsonObject, datetime], JsonObject]
    end: Callable[[JsonObject, JsonObject, datetime], JsonObject]
    touch: Callable[[JsonObject, datetime], JsonObject]
    to_version: Callable[[JsonObject], Version]
    lists_changes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Jobs in an order, in which no two are equal."""

    key: Callable[[Version], tuple[Any, ...]]
    versions: list[Version]

    def put(self, old: Version | None, new: Version) -> None:
        """Put a version in the place of another, or add it."""
        if old is not None:
            del self.versions[bisect_left(self.versions, self.key(old), key=self.key)]
        insort(self.versions, new, key=self.key)


@dataclass(slots=True, kw_only=True)
class Book:
    """The jobs as they are now, and as they will be.

    Attributes:
        first: The jobs at the beginning.
        script: What changes with each step.
    """

    first: Mapping[str, Version]
    script: Sequence[Sequence[Version]]
    jobs: dict[str, Version] = field(default_factory=dict)
    step: int = 0
    orders: dict[str, Order] = field(default_factory=dict)

    def begin(self) -> None:
        """Start from the beginning."""
        self.jobs, self.step = dict(self.first), 0
        self.orders.clear()

    def advance(self, steps: int = 1) -> None:
        """Let things happen."""
        changes = self.script[self.step : self.step + steps]
        self.step += len(changes)
        for version in (version for step in changes for version in step):
            for order in self.orders.values():
                order.put(self.jobs.get(version.identifier), version)
            self.jobs[version.identifier] = version

    def finish(self) -> None:
        """Let all happen that will."""
        self.advance(len(self.script))

    def ordered(
        self, name: str, key: Callable[[Version], tuple[Any, ...]]
    ) -> list[Version]:
        """Give all jobs in an order."""
        if name not in self.orders:
            versions = sorted(self.jobs.values(), key=key)
            self.orders[name] = Order(key=key, versions=versions)
        return self.orders[name].versions


def make_book(kind: Kind, count: int, seed: int, now: datetime) -> Book:
    """Make an upstream that has a number of jobs in the end.

    Args:
        now: The upstream's clock at the beginning.
    """
    random = Random(seed)  # noqa: S311 -- made data is no secret
    first: dict[str, Version] = {}
    script: list[list[Version]] = [[] for _ in range(STEPS)]
    for course in make_courses(kind, random, count, now):
        # What has happened before the beginning is not told.
        *_, (step, version) = [event for event in course if event[0] < 0] or course[:1]
        if step < 0:
            first[version.identifier] = version
        for step, version in course:
            if 0 <= step < STEPS:
                script[step].append(version)
    return Book(first=first, script=script)


def make_courses(
    kind: Kind, random: Random, count: int, now: datetime
) -> Iterator[list[Event]]:
    """Make what happens to each job: with the steps at which it does, in order."""
    new = count * NEW_PER_MILLE // 1000
    instants = to_bursts(make_instants(random, count - new, now))
    for number, created_at in enumerate(instants):
        final = make_document(kind, random, number, created_at, now)
        if random.randrange(1000) < OPEN_PER_MILLE:
            course = make_course(kind, random, final, BEFORE, now)
            yield course if kind.lists_changes else course[:-1]
        else:
            yield [(BEFORE, kind.to_version(final))]
    for number in range(count - new, count):
        step = random.randrange(STEPS)
        created_at = to_clock(now, step) - to_offset(random, LATENESS_S)
        final = make_document(kind, random, number, created_at, LATER)
        yield make_course(kind, random, final, step, now)


def make_course(
    kind: Kind, random: Random, final: JsonObject, step: int, now: datetime
) -> list[Event]:
    """Let a job wait from a step on, start, end, and change once more, maybe."""
    started = step + random.randrange(2) * (1 + int(random.expovariate(0.02)))
    ended = started + 1 + int(random.expovariate(0.01))
    touched = ended + 1 + int(random.expovariate(0.02)) + random.randrange(4) * STEPS
    waiting = kind.wait(final)
    running = kind.start(waiting, to_clock(now, started))
    done = kind.end(running, final, to_clock(now, ended))
    documents = (waiting, running, done, kind.touch(done, to_clock(now, touched)))
    versions = map(kind.to_version, documents)
    return list(zip((step, started, ended, touched), versions, strict=True))


def make_document(
    kind: Kind, random: Random, number: int, created_at: datetime, now: datetime
) -> JsonObject:
    """Make the document of a job, as far as it has come."""
    arrival = Draft(
        random=random,
        tenant=TENANTS[0],
        number=number,
        created_at=created_at,
        now=now,
    )
    return kind.write(kind.make(arrival), random)


def to_bursts(instants: Sequence[datetime]) -> Sequence[datetime]:
    """Have some jobs made together."""
    return [
        instants[number - number % BURST_EVERY]
        if number % BURST_EVERY < BURST
        else instant
        for number, instant in enumerate(instants)
    ]


def to_clock(now: datetime, step: int) -> datetime:
    """Tell the upstream's time at a step."""
    return now + timedelta(milliseconds=step * STEP_MS)
