"""The end of a walk to what follows: another pass, or a checkpoint."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gateway.dialects.residue import JsonObject
from gateway.store.known_jobs import Known, updated_us_of
from gateway.upstream_settings import UpstreamSettings
from gateway.upstreams.arrival import Decoded
from gateway.upstreams.kinds import Checkpoint, Kind, PageFacts, Walk

T = TypeVar("T")

# A list that brings something new each time it is walked is not walked for ever.
MAX_PASSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list.

    Attributes:
        documents: All of it.
        identifiers: What the documents call their jobs, good or bad, or their places.
        decoded: The good ones; of a list without pages, which is long, none yet.
        total: How many jobs the list says it has in all.
    """

    documents: Sequence[JsonObject] = ()
    identifiers: frozenset[str] = frozenset()
    decoded: Sequence[Decoded] = ()
    total: int | None = None

    def repeats(self, before: "Page") -> bool:
        """Tell whether there is nothing on it that the page before had not."""
        return bool(self.documents) and self.identifiers <= before.identifiers

    def to_facts(self, before: "Page") -> PageFacts:
        """Give what a walk has to know of it."""
        instants = [each.facts.instant for each in self.decoded]
        return PageFacts(
            count=len(self.identifiers),
            is_repeated=self.repeats(before),
            latest=max(instants, default=None),
            total=self.total,
        )


def to_next_pass(
    kind: Kind, settings: UpstreamSettings, checkpoint: Checkpoint, walk: Walk
) -> Walk | None:
    """Give the walk that follows one at its end; None: nothing was missed.

    Jobs change their places while a list is walked, no upstream says how, and a page
    may be wrong. Where a list tells how many jobs it has, it is walked again while some
    are missing; else until it brings nothing that the walk before should have brought.
    """
    if walk.missing is None:
        is_needed = kind.is_paged and walk.brought > 0
    else:
        is_needed = walk.missing > 0 and (walk.passes == 1 or walk.brought > 0)
    if not is_needed or walk.passes >= MAX_PASSES:
        return None
    again = kind.begin(settings, checkpoint, walk.until)
    return again.replace(passes=walk.passes + 1, bound=walk.top)


def to_ended(checkpoint: Checkpoint, walk: Walk) -> Checkpoint:
    """Give the checkpoint after a walk: all is known up to where it began.

    Where jobs are missing, the next walk begins where this one did; if that does not
    find more of them, the list counts what it never gives.
    """
    missing = walk.missing or 0
    ended = checkpoint.replace(missing=missing, walk=None)
    may_find_more = not checkpoint.missing or missing < checkpoint.missing
    if missing and may_find_more:
        return ended
    marks = [mark for mark in (checkpoint.mark, walk.top) if mark is not None]
    return ended.replace(mark=max(marks, default=None))


def is_late(found: Decoded, stored: Known | None, walk: Walk) -> bool:
    """Tell whether an earlier pass of a walk should have brought what a page brings."""
    if found.row is None:
        return False
    if walk.bound is not None and found.facts.instant > walk.bound:
        return False
    return stored is None or updated_us_of(stored) < found.row.updated_us


def chunked(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Give the items in parts of a size; at least one part, which may be empty."""
    for start in range(0, max(len(items), 1), size):
        yield items[start : start + size]
