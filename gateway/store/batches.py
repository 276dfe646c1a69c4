"""Arriving rows and stored jobs to a batch: of each job the newest document wins."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from typing_extensions import override

from gateway.store.rows import Identity, JobRow
from gateway.store.usage.changes import PROJECT_AT, Facts


class WriteOutcome(Enum):
    """What a write does with a document.

    `FOREIGN`: its job is in another project than the one that may be written to.
    """

    NEW = "NEW"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    OUTDATED = "OUTDATED"
    FOREIGN = "FOREIGN"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCounts:
    """How many records of a write had which outcome.

    Attributes:
        unchanged: Those that were the same or older.
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


def count_outcomes(outcomes: Iterable[WriteOutcome]) -> WriteCounts:
    """Count the outcomes but `FOREIGN`, which is an error and not counted here."""
    counts = Counter(outcomes)
    return WriteCounts(
        new=counts[WriteOutcome.NEW],
        updated=counts[WriteOutcome.UPDATED],
        unchanged=counts[WriteOutcome.UNCHANGED] + counts[WriteOutcome.OUTDATED],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJob:
    """A job as it is stored, or will be after the batch.

    Attributes:
        stored: The facts of usage that the database has of it; None if it is new.
    """

    id: int
    updated_us: int
    digest: bytes
    is_new: bool = False
    stored: Facts | None = None

    def receive(self, row: JobRow, project_id: int | None) -> WriteOutcome:
        """Decide whether a document overwrites this job; see `to_batch`."""
        if self.stored is not None and project_id not in {
            None,
            self.stored[PROJECT_AT],
        }:
            return WriteOutcome.FOREIGN
        if row.digest == self.digest:
            return WriteOutcome.UNCHANGED
        return (
            WriteOutcome.OUTDATED
            if row.updated_us < self.updated_us
            else WriteOutcome.UPDATED
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The changes of one write.

    Attributes:
        accepted: The documents that overwrite, in order of arrival; a job can have
            several.
        changes: Each new or changed job with its last document, in that order.
        outcomes: Of each document, in order of arrival.
    """

    accepted: Sequence[JobRow]
    changes: Sequence[tuple[StoredJob, JobRow]]
    outcomes: Sequence[WriteOutcome]

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
    stored: dict[Identity, StoredJob],
    rows: Sequence[JobRow],
    next_id: int,
    project_id: int | None = None,
) -> Batch:
    """Decide on the rows one by one, as if each were a write of its own.

    Args:
        stored: The jobs of the rows that are stored.
        rows: The documents, in order of arrival.
        next_id: The number of the first new job; others get the next ones.
        project_id: The only project whose jobs may be overwritten; None is any.
    """
    accepted: list[JobRow] = []
    outcomes: list[WriteOutcome] = []
    changes: dict[Identity, tuple[StoredJob, JobRow]] = {}
    known = dict(stored)
    for row in rows:
        job = known.get(row.identity)
        outcome = WriteOutcome.NEW if job is None else job.receive(row, project_id)
        outcomes.append(outcome)
        if job is None:
            number = next_id + len(known) - len(stored)
            job = make_new_job(number, row)
        elif outcome is WriteOutcome.UPDATED:
            job = replace(job, updated_us=row.updated_us, digest=row.digest)
        else:
            continue
        known[row.identity] = job
        changes[row.identity] = (job, row)
        accepted.append(row)
    return Batch(accepted=accepted, changes=list(changes.values()), outcomes=outcomes)


def make_new_job(id: int, row: JobRow) -> StoredJob:
    """Make a job of its first document."""
    return StoredJob(id=id, updated_us=row.updated_us, digest=row.digest, is_new=True)
