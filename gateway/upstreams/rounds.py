"""A round of syncing: all changes since a checkpoint, written page by page."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from typing_extensions import override

from gateway.arrival.batches import Show
from gateway.dialects.residue import JsonObject
from gateway.store.batches import WriteCounts
from gateway.store.rows import JobRow
from gateway.upstreams.client import UpstreamClient
from gateway.upstreams.decoding import DecodedDocument, DocumentDecoder, gather
from gateway.upstreams.kinds import Checkpoint, Kind, ListPage, UpstreamRequest, Walk
from gateway.upstreams.sinks import Sink
from gateway.upstreams.walks import (
    MAX_PASSES,
    DecodedPage,
    chunked,
    is_late,
    to_next_checkpoint,
    to_next_pass,
)

# How often a page is fetched again that has the jobs of the page before.
MAX_REPEATS = 3

# Usage is compared after so long, even if nothing has changed.
COMPARE_AGAIN = timedelta(hours=1)

Compare = Callable[[UpstreamClient], Awaitable[str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSummary:
    """Outcomes of a round's documents, several of which may be of one job.

    Attributes:
        gone: Stored jobs that have not ended and that the upstream does not know.
        notes: Differences that are no failures.
        is_complete: Whether the round ended without being stopped.
    """

    counts: WriteCounts = field(default_factory=WriteCounts)
    rejected: int = 0
    gone: int = 0
    notes: tuple[str, ...] = ()
    is_complete: bool = False
    elapsed_s: float = 0

    @property
    def read(self) -> int:
        """How many documents were read, valid or not."""
        return self.counts.total + self.rejected

    @override
    def __str__(self) -> str:
        return (
            f"read {self.read:,}: {self.counts}, rejected {self.rejected:,},"
            f" gone {self.gone:,}; {self.elapsed_s:.1f} s"
        )


@dataclass(slots=True, kw_only=True)
class Round:
    """Reads one upstream from its checkpoint to now.

    Its methods raise UpstreamError where the upstream fails or its answers are
    malformed, DatabaseUnavailableError, and LostLeaseError where another process reads
    the upstream now.

    Attributes:
        compare: Gives how the upstream's own usage differs; None: it has none.
        stop: Set to end the round after the current page.
        seen: Jobs that the walk has read, and that may still change.
    """

    client: UpstreamClient
    sink: Sink
    decoder: DocumentDecoder
    stop: asyncio.Event
    show: Show
    compare: Compare | None = None
    summary: RoundSummary = field(default_factory=RoundSummary)
    seen: set[str] = field(default_factory=set)

    @property
    def kind(self) -> Kind:
        """The upstream's interface."""
        return self.client.kind

    async def run(self, checkpoint: Checkpoint) -> RoundSummary:
        """Read all that has changed, and jobs that had not ended.

        A walk that another process began is finished first; it misses what has changed
        since, so another walk follows.
        """
        if checkpoint.walk is not None:
            resumed = self.kind.resume(checkpoint.walk)
            checkpoint = await self.walk(checkpoint, resumed)
        begun = self.kind.begin(checkpoint, self.decoder.now)
        checkpoint = await self.walk(checkpoint, begun)
        await self.fetch_pending()
        rejected = self.decoder.rejections.total()
        self.summary = replace(self.summary, rejected=rejected)
        if not self.stop.is_set():
            await self.end(checkpoint)
        return self.summary

    async def end(self, checkpoint: Checkpoint) -> None:
        """Compare usage, and write that the round is complete."""
        now = self.decoder.now
        if self.compare is not None and self.is_comparison_due(checkpoint):
            difference = await self.compare(self.client)
            checkpoint = checkpoint.replace(compared_at=now, difference=difference)
        if checkpoint.difference is not None:
            self.note(checkpoint.difference)
        await self.sink.write((), checkpoint.replace(round_at=now))
        self.summary = replace(self.summary, is_complete=True)

    def is_comparison_due(self, checkpoint: Checkpoint) -> bool:
        """Tell whether usage may differ since it was last compared."""
        at, counts = checkpoint.compared_at, self.summary.counts
        return (
            at is None
            or checkpoint.difference is not None
            or counts.new + counts.updated > 0
            or self.decoder.now - at >= COMPARE_AGAIN
        )

    async def walk(self, checkpoint: Checkpoint, walk: Walk) -> Checkpoint:
        """Walk a list, in several passes where one may have missed something."""
        while (ended := await self.walk_once(checkpoint, walk)) is not None:
            following = to_next_pass(self.kind, checkpoint, ended)
            if following is None:
                self.note_missing(ended)
                checkpoint = to_next_checkpoint(checkpoint, ended)
                await self.sink.write((), checkpoint)
                break
            walk = following
        return checkpoint

    async def walk_once(self, checkpoint: Checkpoint, walk: Walk) -> Walk | None:
        """Walk a list once, page by page; None where the round is stopped."""
        page = DecodedPage()
        rejected = self.decoder.rejections.total()
        while not self.stop.is_set():
            before, page = page, await self.fetch_next_page(walk, page)
            following = self.kind.advance(walk, page.to_facts(before))
            moved = await self.put_page(page, checkpoint, following or walk)
            if following is None:
                rejected = self.decoder.rejections.total() - rejected
                return await self.count_missing(moved, page.total, rejected)
            walk = moved
        return None

    async def fetch_next_page(self, walk: Walk, before: DecodedPage) -> DecodedPage:
        """Fetch a walk's next page, again where it repeats the page before."""
        request = self.kind.to_page_request(walk)
        page = await self.fetch_page(request)
        if self.kind.is_doubtful(walk, page.to_facts(before)):
            again = await self.fetch_page(request)
            page = max(page, again, key=lambda each: len(each.identifiers))
        for _ in range(MAX_REPEATS):
            if not page.repeats(before):
                break
            page = await self.fetch_page(request)
        return page

    async def fetch_page(self, request: UpstreamRequest) -> DecodedPage:
        """Fetch and decode a page."""
        page = await self.client.fetch(request, self.kind.parse_page) or ListPage()
        documents = page.documents
        decoded = await self.decoder.decode(documents) if self.kind.is_paged else ()
        return DecodedPage(
            documents=documents,
            identifiers=frozenset(
                str(each.get(self.kind.id_field, f"#{at}"))
                for at, each in enumerate(documents)
            ),
            decoded=decoded,
            total=page.total,
        )

    async def put_page(
        self, page: DecodedPage, checkpoint: Checkpoint, walk: Walk
    ) -> Walk:
        """Write a page in parts, the last one together with the checkpoint.

        Returns:
            The walk, having counted the late changes.
        """
        size = self.client.settings.page_size
        if not self.kind.is_paged:
            for documents in chunked(page.documents, size):
                if not self.stop.is_set():
                    await self.put(await self.decoder.decode(documents), walk)
            return walk
        *parts, last = chunked(page.decoded, size)
        for part in parts:
            walk = await self.put(part, walk)
        return await self.put(last, walk, checkpoint)

    async def put(
        self,
        found: Sequence[DecodedDocument],
        walk: Walk,
        checkpoint: Checkpoint | None = None,
    ) -> Walk:
        """Write documents, with fetched details."""
        recent = self.decoder.recent
        self.seen.update(
            e.facts.identifier for e in found if e.facts.may_change(recent)
        )
        ids = [each.facts.identifier for each in found if each.row is not None]
        known = await self.sink.read_known(ids) if ids else {}
        late = sum(is_late(each, known, walk) for each in found)
        walk = walk.replace(brought=walk.brought + late)
        rows = await self.decoder.fetch_changed(found, known)
        await self.write(found, rows, checkpoint and checkpoint.replace(walk=walk))
        return walk

    async def write(
        self,
        found: Sequence[DecodedDocument],
        rows: Sequence[JobRow],
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Write the rows of documents, and count the outcomes."""
        counts = WriteCounts()
        if rows or checkpoint is not None:
            counts = await self.sink.write(rows, checkpoint)
        self.decoder.remember(found)
        left = WriteCounts(unchanged=len(found) - len(rows))
        total = self.summary.counts + counts + left
        self.summary = replace(self.summary, counts=total)
        self.show(self.summary.read)

    async def count_missing(self, walk: Walk, total: int | None, rejected: int) -> Walk:
        """Count the jobs of a walk's window that the list counts, and did not give."""
        if not self.kind.counts_created or total is None:
            return walk
        stored = await self.sink.count_created(walk.since, walk.until)
        if stored is None:
            return walk
        return walk.replace(missing=max(0, total - stored - rejected))

    def note_missing(self, walk: Walk) -> None:
        """Note that a list stays incomplete, however often it is walked."""
        if walk.missing:
            self.note(f"its list counts {walk.missing:,} jobs more than it gives")
        elif walk.missing is None and walk.passes >= MAX_PASSES and walk.brought:
            self.note(f"its list differs each of {walk.passes} times it is walked")

    def note(self, text: str) -> None:
        """Add a note to the summary."""
        self.summary = replace(self.summary, notes=(*self.summary.notes, text))

    async def fetch_pending(self) -> None:
        """Fetch the jobs that had not ended and that the walk has not read."""
        recent = self.decoder.recent if self.kind.refetches_ended else None
        pending = await self.sink.read_pending(recent)
        unseen = [each for each in pending if each not in self.seen]
        for part in chunked(unseen, self.client.settings.page_size):
            if self.stop.is_set() or not part:
                return
            answers = await gather(self.fetch_job(each) for each in part)
            documents = [each for each in answers if each is not None]
            gone = self.summary.gone + len(part) - len(documents)
            self.summary = replace(self.summary, gone=gone)
            found = await self.decoder.decode(documents)
            rows = await self.decoder.fetch_job_rows(found)
            await self.write(found, rows)

    async def fetch_job(self, identifier: str) -> JsonObject | None:
        """Fetch a job; None where the upstream does not know it."""
        request = self.kind.to_job_request(identifier)
        return await self.client.fetch(request, self.kind.parse_job)
