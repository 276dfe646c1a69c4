"""Rows that arrive, and what is stored, to a batch: which documents overwrite."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.store.rows import Identity, JobRow
from gateway.store.usage_changes import Facts

__all__ = ["Batch", "Job", "WriteCounts", "to_batch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCounts:
    """What became of the records of a write."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "WriteCounts") -> "WriteCounts":
        return WriteCounts(
            new=self.new + other.new,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a write does.

    Attributes:
        accepted: The documents that overwrite, in the order they came; a job can have
            several.
        changes: Each new or changed job with the document it will be, in that order.
    """

    accepted: Sequence[JobRow]
    changes: Sequence[tuple[Job, JobRow]]
    counts: WriteCounts

    @property
    def superseded(self) -> Sequence[JobRow]:
        """The documents that a later one of the same batch overwrites."""
        last = {id(row) for _, row in self.changes}
        return [row for row in self.accepted if id(row) not in last]


def to_batch(
    stored: dict[Identity, Job], rows: Sequence[JobRow], next_id: int
) -> Batch:
    """Take the rows one by one, as if each were a write of its own.

    Args:
        stored: What is stored of the jobs that the rows name.
        rows: The documents, in the order they came.
        next_id: The number of the first new job; the others follow as they come.
    """
    accepted: list[JobRow] = []
    changes: dict[Identity, tuple[Job, JobRow]] = {}
    known = dict(stored)
    new = 0
    for row in rows:
        job = known.get(row.identity)
        if job is None:
            job = Job(
                id=next_id + new,
                updated_us=row.updated_us,
                digest=row.digest,
                is_new=True,
            )
            new += 1
        elif row.updated_us < job.updated_us or row.digest == job.digest:
            continue
        else:
            job = replace(job, updated_us=row.updated_us, digest=row.digest)
        known[row.identity] = job
        changes[row.identity] = (job, row)
        accepted.append(row)
    counts = WriteCounts(
        new=new, updated=len(accepted) - new, unchanged=len(rows) - len(accepted)
    )
    return Batch(accepted=accepted, changes=list(changes.values()), counts=counts)
