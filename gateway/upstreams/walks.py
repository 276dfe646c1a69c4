"""The end of a walk to what follows: another pass of the list, or a checkpoint."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gateway.dialects.residue import JsonObject
from gateway.store.known_jobs import Known, updated_us_of
from gateway.upstreams.decoding import DecodedDocument
from gateway.upstreams.kinds import Checkpoint, Kind, PageFacts, Walk

T = TypeVar("T")

# A list that changes all the time is not walked for ever.
MAX_PASSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPage:
    """A page of a list.

    Attributes:
        identifiers: Of the jobs; where a document has none, its position.
        decoded: The valid documents; none yet of a list without pages, which is long.
        total: See `ListPage`.
    """

    documents: Sequence[JsonObject] = ()
    identifiers: frozenset[str] = frozenset()
    decoded: Sequence[DecodedDocument] = ()
    total: int | None = None

    def repeats(self, before: "DecodedPage") -> bool:
        """Tell whether all of its jobs were on the page before."""
        return bool(self.documents) and self.identifiers <= before.identifiers

    def to_facts(self, before: "DecodedPage") -> PageFacts:
        """Give what decides where the walk goes."""
        instants = [each.facts.instant for each in self.decoded]
        return PageFacts(
            count=len(self.identifiers),
            is_repeated=self.repeats(before),
            latest=max(instants, default=None),
            total=self.total,
        )


def to_next_pass(kind: Kind, checkpoint: Checkpoint, walk: Walk) -> Walk | None:
    """Give the next pass of a walk that has ended; None: nothing was missed.

    Jobs move while a list is walked, no upstream documents how, and a page may be
    wrong. A list that counts its jobs is walked again while some are missing; another
    until a pass finds nothing that the pass before should have found.
    """
    if walk.missing is None:
        is_needed = kind.is_paged and walk.brought > 0
    else:
        is_needed = walk.missing > 0 and (walk.passes == 1 or walk.brought > 0)
    if not is_needed or walk.passes >= MAX_PASSES:
        return None
    again = kind.begin(checkpoint, walk.until)
    return again.replace(passes=walk.passes + 1, bound=walk.top)


def to_next_checkpoint(checkpoint: Checkpoint, walk: Walk) -> Checkpoint:
    """Give the checkpoint after a walk: the high-water mark moves to its first page.

    It stays while jobs are missing, so that the next walk begins where this one did;
    if that does not find more of them, the list counts jobs that it never gives.
    """
    missing = walk.missing or 0
    ended = checkpoint.replace(missing=missing, walk=None)
    may_find_more = not checkpoint.missing or missing < checkpoint.missing
    if missing and may_find_more:
        return ended
    marks = [mark for mark in (checkpoint.mark, walk.top) if mark is not None]
    return ended.replace(mark=max(marks, default=None))


def is_late(found: DecodedDocument, known: Mapping[str, Known], walk: Walk) -> bool:
    """Tell whether an earlier pass of the walk should have found this change."""
    if found.row is None:
        return False
    if walk.bound is not None and found.facts.instant > walk.bound:
        return False
    stored = known.get(found.facts.identifier)
    return stored is None or updated_us_of(stored) < found.row.updated_us


def chunked(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut into parts of a size; at least one part, which may be empty."""
    for start in range(0, max(len(items), 1), size):
        yield items[start : start + size]
