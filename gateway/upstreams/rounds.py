"""A round: a checkpoint to all that has changed since, written page by page."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from typing_extensions import override

from gateway.dialects.residue import JsonObject
from gateway.store.batches import WriteCounts
from gateway.store.rows import JobRow
from gateway.upstream_settings import UpstreamSettings
from gateway.upstreams.arrival import Arrival, Decoded, gather
from gateway.upstreams.client import UpstreamClient
from gateway.upstreams.kinds import Checkpoint, Kind, ListPage, UpstreamRequest, Walk
from gateway.upstreams.sinks import Sink
from gateway.upstreams.walks import (
    MAX_PASSES,
    Page,
    chunked,
    is_late,
    to_ended,
    to_next_pass,
)

# How often a page is asked for again that is the one before once more.
MAX_REPEATS = 3
EMPTY_PAGE = ListPage(documents=())

# Sums that nothing has changed are compared all the same after so long.
COMPARE_AGAIN = timedelta(hours=1)

Compare = Callable[[UpstreamClient], Awaitable[str | None]]
# Is told how many documents a round has read so far.
Show = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSummary:
    """What became of the documents of a round, several of which may be of one job.

    Attributes:
        gone: Jobs of the store that had not ended, and that the upstream does not know.
        notes: What differs, although nothing failed.
        is_complete: Whether the round came to its end.
    """

    counts: WriteCounts = field(default_factory=WriteCounts)
    rejected: int = 0
    gone: int = 0
    notes: tuple[str, ...] = ()
    is_complete: bool = False
    elapsed_s: float = 0

    @property
    def read(self) -> int:
        """How many documents were read, good or bad."""
        counts = self.counts
        return counts.new + counts.updated + counts.unchanged + self.rejected

    @override
    def __str__(self) -> str:
        return (
            f"read {self.read:,}: new {self.counts.new:,},"
            f" updated {self.counts.updated:,}, unchanged {self.counts.unchanged:,},"
            f" rejected {self.rejected:,}, gone {self.gone:,}; {self.elapsed_s:.1f} s"
        )


@dataclass(slots=True, kw_only=True)
class Round:
    """Reads one upstream from its checkpoint to now.

    Its methods raise UpstreamError where the upstream does not answer as its interface
    says, DatabaseUnavailableError, and LostLeaseError where another process reads the
    upstream now.

    Attributes:
        compare: Gives how the upstream's own sums differ; None: it has none.
        stop: Set where the round shall end after the page in hand.
        seen: The jobs that this round saw, and that may still change.
    """

    settings: UpstreamSettings
    kind: Kind
    client: UpstreamClient
    sink: Sink
    arrival: Arrival
    stop: asyncio.Event
    show: Show
    compare: Compare | None = None
    summary: RoundSummary = field(default_factory=RoundSummary)
    seen: set[str] = field(default_factory=set)

    async def run(self, checkpoint: Checkpoint) -> RoundSummary:
        """Read all that has changed, and what had not ended.

        A walk that another process began comes first; it does not know what has
        changed since, so that a walk of this round's own follows.
        """
        if checkpoint.walk is not None:
            resumed = self.kind.resume(checkpoint.walk)
            checkpoint = await self.walk(checkpoint, resumed)
        begun = self.kind.begin(self.settings, checkpoint, self.arrival.now)
        checkpoint = await self.walk(checkpoint, begun)
        await self.ask_pending()
        rejected = self.arrival.rejections.total()
        self.summary = replace(self.summary, rejected=rejected)
        if not self.stop.is_set():
            await self.end(checkpoint)
        return self.summary

    async def end(self, checkpoint: Checkpoint) -> None:
        """Compare what the upstream sums up, and keep that the round was whole."""
        now = self.arrival.now
        if self.compare is not None and self.is_comparison_due(checkpoint):
            difference = await self.compare(self.client)
            checkpoint = checkpoint.replace(compared_at=now, difference=difference)
        if checkpoint.difference is not None:
            self.note(checkpoint.difference)
        await self.sink.write((), checkpoint.replace(round_at=now))
        self.summary = replace(self.summary, is_complete=True)

    def is_comparison_due(self, checkpoint: Checkpoint) -> bool:
        """Tell whether something may differ that did not before."""
        at, counts = checkpoint.compared_at, self.summary.counts
        return (
            at is None
            or checkpoint.difference is not None
            or counts.new + counts.updated > 0
            or self.arrival.now - at >= COMPARE_AGAIN
        )

    async def walk(self, checkpoint: Checkpoint, walk: Walk) -> Checkpoint:
        """Walk a list, again where the first time may have missed something."""
        while (ended := await self.walk_once(checkpoint, walk)) is not None:
            following = to_next_pass(self.kind, self.settings, checkpoint, ended)
            if following is None:
                self.note_missing(ended)
                checkpoint = to_ended(checkpoint, ended)
                await self.sink.write((), checkpoint)
                break
            walk = following
        return checkpoint

    async def walk_once(self, checkpoint: Checkpoint, walk: Walk) -> Walk | None:
        """Walk a list once, page by page; None where the round shall stop."""
        page = Page()
        rejected = self.arrival.rejections.total()
        while not self.stop.is_set():
            before, page = page, await self.read_page(walk, page)
            following = self.kind.advance(walk, page.to_facts(before))
            moved = await self.put_page(page, checkpoint, following or walk)
            if following is None:
                rejected = self.arrival.rejections.total() - rejected
                return await self.count_missing(moved, page.total, rejected)
            walk = moved
        return None

    async def read_page(self, walk: Walk, before: Page) -> Page:
        """Read a walk's next page; one that has not moved on is asked for again."""
        request = self.kind.to_page_request(self.settings, walk)
        page = await self.ask_page(request)
        if self.kind.is_doubtful(walk, page.to_facts(before)):
            again = await self.ask_page(request)
            page = max(page, again, key=lambda each: len(each.identifiers))
        for _ in range(MAX_REPEATS):
            if not page.repeats(before):
                break
            page = await self.ask_page(request)
        return page

    async def ask_page(self, request: UpstreamRequest) -> Page:
        """Ask for a page."""
        page = await self.client.ask(request, self.kind.parse_page) or EMPTY_PAGE
        documents = page.documents
        decoded = await self.arrival.decode(documents) if self.kind.is_paged else ()
        return Page(
            documents=documents,
            identifiers=frozenset(
                str(each.get(self.kind.id_field, f"#{at}"))
                for at, each in enumerate(documents)
            ),
            decoded=decoded,
            total=page.total,
        )

    async def put_page(self, page: Page, checkpoint: Checkpoint, walk: Walk) -> Walk:
        """Write a page in parts, with the last of which the walk has come further.

        Returns:
            The walk, with how many jobs came that should have come before.
        """
        size = self.settings.page_size
        if not self.kind.is_paged:
            for documents in chunked(page.documents, size):
                if not self.stop.is_set():
                    await self.put(await self.arrival.decode(documents), walk)
            return walk
        *parts, last = chunked(page.decoded, size)
        for part in parts:
            walk = await self.put(part, walk)
        return await self.put(last, walk, checkpoint)

    async def put(
        self, found: Sequence[Decoded], walk: Walk, checkpoint: Checkpoint | None = None
    ) -> Walk:
        """Write documents, with what lists leave out."""
        self.see(found)
        news = [each.identifier for each in found if each.row is not None]
        known = await self.sink.read_known(news) if news else {}
        late = sum(is_late(each, known.get(each.identifier), walk) for each in found)
        walk = walk.replace(brought=walk.brought + late)
        rows = await self.arrival.complete(found, known)
        await self.write(found, rows, checkpoint and checkpoint.replace(walk=walk))
        return walk

    def see(self, found: Sequence[Decoded]) -> None:
        """Note which jobs may still change."""
        recent = self.arrival.recent
        self.seen.update(e.identifier for e in found if e.facts.may_change(recent))

    async def write(
        self,
        found: Sequence[Decoded],
        rows: Sequence[JobRow],
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Write the rows that documents gave, and count what became of them."""
        counts = WriteCounts()
        if rows or checkpoint is not None:
            counts = await self.sink.write(rows, checkpoint)
        self.arrival.remember(found)
        left = WriteCounts(unchanged=len(found) - len(rows))
        total = self.summary.counts + counts + left
        self.summary = replace(self.summary, counts=total)
        self.show(self.summary.read)

    async def count_missing(self, walk: Walk, total: int | None, rejected: int) -> Walk:
        """Tell how many jobs of a walk's window the list counts, and did not give."""
        if not self.kind.counts_created or total is None:
            return walk
        stored = await self.sink.count_created(walk.since, walk.until)
        if stored is None:
            return walk
        return walk.replace(missing=max(0, total - stored - rejected))

    def note_missing(self, walk: Walk) -> None:
        """Say what a list does not give, however often it is walked."""
        if walk.missing:
            self.note(f"its list counts {walk.missing:,} jobs more than it gives")
        elif walk.missing is None and walk.passes >= MAX_PASSES and walk.brought:
            self.note(f"its list differs each of {walk.passes} times it is walked")

    def note(self, text: str) -> None:
        """Say what differs."""
        self.summary = replace(self.summary, notes=(*self.summary.notes, text))

    async def ask_pending(self) -> None:
        """Ask for the jobs that had not ended, as far as the walk did not see them."""
        recent = self.arrival.recent if self.kind.refetches_ended else None
        pending = await self.sink.read_pending(recent)
        unseen = [each for each in pending if each not in self.seen]
        for part in chunked(unseen, self.settings.page_size):
            if self.stop.is_set() or not part:
                return
            answers = await gather(self.ask_job(each) for each in part)
            documents = [each for each in answers if each is not None]
            gone = self.summary.gone + len(part) - len(documents)
            self.summary = replace(self.summary, gone=gone)
            found = await self.arrival.decode(documents)
            rows = await self.arrival.complete_own(found)
            await self.write(found, rows)

    async def ask_job(self, identifier: str) -> JsonObject | None:
        """Ask for a job; None where the upstream does not know it."""
        request = self.kind.to_job_request(self.settings, identifier)
        return await self.client.ask(request, self.kind.parse_job)
