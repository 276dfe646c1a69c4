"""Rows that arrive, and what is stored, to a batch: which documents overwrite."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from typing_extensions import override

from gateway.store.rows import Identity, JobRow
from gateway.store.usage.changes import FACTS, Facts

PROJECT_AT = FACTS.index("project_id")


class Fate(Enum):
    """What becomes of a document; `FOREIGN`: its job is of a project out of reach."""

    NEW = "NEW"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    OUTDATED = "OUTDATED"
    FOREIGN = "FOREIGN"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCounts:
    """What became of the records of a write.

    Attributes:
        unchanged: Those that were the same, and those that were older.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        """How many records there were, whatever became of them."""
        return self.new + self.updated + self.unchanged

    @override
    def __str__(self) -> str:
        return (
            f"new {self.new:,}, updated {self.updated:,}, unchanged {self.unchanged:,}"
        )

    def __add__(self, other: "WriteCounts") -> "WriteCounts":
        return WriteCounts(
            new=self.new + other.new,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
        )


def to_counts(fates: Iterable[Fate]) -> WriteCounts:
    """Count what became of documents; those out of reach are for others to count."""
    counts = Counter(fates)
    return WriteCounts(
        new=counts[Fate.NEW],
        updated=counts[Fate.UPDATED],
        unchanged=counts[Fate.UNCHANGED] + counts[Fate.OUTDATED],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it is stored, or will be.

    Attributes:
        stored: What usage counts of it as the database has it; None if it is new.
    """

    id: int
    updated_us: int
    digest: bytes
    is_new: bool = False
    stored: Facts | None = None

    def receive(self, row: JobRow, project_id: int | None) -> Fate:
        """Say what becomes of a document of this job; see `to_batch`."""
        if self.stored is not None and project_id not in {
            None,
            self.stored[PROJECT_AT],
        }:
            return Fate.FOREIGN
        if row.digest == self.digest:
            return Fate.UNCHANGED
        return Fate.OUTDATED if row.updated_us < self.updated_us else Fate.UPDATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a write does.

    Attributes:
        accepted: The documents that overwrite, in the order they came; a job can have
            several.
        changes: Each new or changed job with the document it will be, in that order.
        fates: What becomes of each document, in the order they came.
    """

    accepted: Sequence[JobRow]
    changes: Sequence[tuple[Job, JobRow]]
    fates: Sequence[Fate]

    @property
    def new(self) -> int:
        """How many jobs are new."""
        return sum(job.is_new for job, _ in self.changes)

    @property
    def superseded(self) -> Sequence[JobRow]:
        """The documents that a later one of the same batch overwrites."""
        last = {id(row) for _, row in self.changes}
        return [row for row in self.accepted if id(row) not in last]


def to_batch(
    stored: dict[Identity, Job],
    rows: Sequence[JobRow],
    next_id: int,
    project_id: int | None = None,
) -> Batch:
    """Take the rows one by one, as if each were a write of its own.

    Args:
        stored: What is stored of the jobs that the rows name.
        rows: The documents, in the order they came.
        next_id: The number of the first new job; the others follow as they come.
        project_id: The only project whose jobs may be overwritten; None is any.
    """
    accepted: list[JobRow] = []
    fates: list[Fate] = []
    changes: dict[Identity, tuple[Job, JobRow]] = {}
    known = dict(stored)
    for row in rows:
        job = known.get(row.identity)
        fate = Fate.NEW if job is None else job.receive(row, project_id)
        fates.append(fate)
        if job is None:
            number = next_id + len(known) - len(stored)
            job = to_new_job(number, row)
        elif fate is Fate.UPDATED:
            job = replace(job, updated_us=row.updated_us, digest=row.digest)
        else:
            continue
        known[row.identity] = job
        changes[row.identity] = (job, row)
        accepted.append(row)
    return Batch(accepted=accepted, changes=list(changes.values()), fates=fates)


def to_new_job(id: int, row: JobRow) -> Job:
    """Make the job that a first document tells of."""
    return Job(id=id, updated_us=row.updated_us, digest=row.digest, is_new=True)
