"""One upstream, read round after round; what goes wrong becomes its state."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from gateway.dialects.context import DecodeContext
from gateway.errors import GatewayError, LostLeaseError, UpstreamError
from gateway.store.database import Database
from gateway.store.known_jobs import JobScope
from gateway.store.quiet_windows import find_quiet_window
from gateway.store.upstreams import (
    UpstreamKey,
    UpstreamRecord,
    put_upstream,
    put_upstream_state,
    read_checkpoint,
)
from gateway.upstream_settings import Upstream
from gateway.upstreams.arrival import Arrival
from gateway.upstreams.client import UpstreamClient, opened_client
from gateway.upstreams.comparing import ReadsUsage, to_difference
from gateway.upstreams.kinds import Checkpoint, Kind
from gateway.upstreams.lease import Lease
from gateway.upstreams.memory import Memory
from gateway.upstreams.registry import KINDS
from gateway.upstreams.rounds import Round, RoundSummary, Show
from gateway.upstreams.sinks import DrySink, Sink, StoreSink

UNEXPECTED = "an unexpected error; the log has it"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a round went.

    Attributes:
        error: Why it failed; None: it did not.
    """

    name: str
    account: str
    summary: RoundSummary = field(default_factory=RoundSummary)
    error: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether the round came to its end."""
        return self.error is None and self.summary.is_complete


def ignore(_: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads one upstream.

    Attributes:
        stop: Set where it shall end after the page in hand.
        turn: Whose turn to write it is, among all upstreams of the process.
        memory: What is stored of it, as long as nobody else reads it.
        is_full: Whether all there is is read, however far it was read before.
        reads_usage: Reads the store's own sums, to compare an upstream's with.
        show: Is told how many documents the round has read so far.
    """

    upstream: Upstream
    database: Database
    time_zone: ZoneInfo
    stop: asyncio.Event
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    memory: Memory = field(default_factory=Memory)
    is_full: bool = False
    reads_usage: ReadsUsage | None = None
    show: Show = ignore

    @property
    def kind(self) -> Kind:
        """What it speaks."""
        return KINDS[self.upstream.settings.kind]

    @property
    def key(self) -> UpstreamKey:
        """What names it."""
        settings = self.upstream.settings
        return UpstreamKey(account=settings.account, name=settings.name)

    @property
    def scope(self) -> JobScope:
        """Which jobs are its own."""
        settings = self.upstream.settings
        return JobScope(
            account=settings.account,
            source=self.kind.source.value,
            project_id=settings.project,
        )

    @property
    def target(self) -> str:
        """What its checkpoint is of: one of another address does not count."""
        settings = self.upstream.settings
        return f"{settings.kind} {settings.base_url} {settings.project}"

    async def register(self) -> None:
        """Have the store know of it."""
        settings = self.upstream.settings
        record = UpstreamRecord(
            account=settings.account,
            name=settings.name,
            kind=settings.kind,
            source=self.kind.source.value,
            project_id=settings.project,
        )
        async with self.turn, self.database.transaction() as conn:
            await put_upstream(conn, record)

    async def read_round(self, lease: Lease) -> Report:
        """Read a round, and write how it went.

        Raises:
            LostLeaseError: Another process has taken over.
            DatabaseUnavailableError: The store cannot be reached.
        """
        await self.put_state(lease, {"round_at": datetime.now(UTC)})
        sink = StoreSink(
            database=self.database,
            key=self.key,
            scope=self.scope,
            owner=lease.owner,
            turn=self.turn,
        )
        report = await self.attempt(sink)
        await self.put_state(lease, to_state(report))
        return report

    async def read_dry(self, database: Database | None) -> Report:
        """Read a round, and write nothing.

        Args:
            database: What is known; None: nothing.
        """
        return await self.attempt(DrySink(database=database, scope=self.scope))

    async def put_state(self, lease: Lease, changes: Mapping[str, Any]) -> None:
        """Write columns of the upstream's row."""
        async with self.turn, self.database.transaction() as conn:
            await put_upstream_state(conn, self.key, lease.owner, changes)

    async def attempt(self, sink: Sink) -> Report:
        """Read a round; whatever goes wrong is told in the report.

        Raises:
            LostLeaseError: Another process has taken over.
        """
        settings = self.upstream.settings
        report = Report(name=settings.name, account=settings.account)
        started_s = time.monotonic()
        try:
            summary = await self.read(sink)
        except LostLeaseError:
            raise
        except GatewayError as exc:
            return replace(report, error=exc.message)
        except Exception:
            logger.exception("%s: the round failed unexpectedly", settings.name)
            return replace(report, error=UNEXPECTED)
        elapsed_s = time.monotonic() - started_s
        return replace(report, summary=replace(summary, elapsed_s=elapsed_s))

    async def read(self, sink: Sink) -> RoundSummary:
        """Read a round; see `Round.run`."""
        self.memory.refresh()
        checkpoint = await self.read_checkpoint(sink)
        async with opened_client(self.upstream, self.kind) as client:
            return await self.to_round(client, sink, checkpoint).run(checkpoint)

    async def read_checkpoint(self, sink: Sink) -> Checkpoint:
        """Read how far the upstream was read; nowhere, where nothing is known."""
        begin = Checkpoint(target=self.target)
        if self.is_full or (isinstance(sink, DrySink) and sink.database is None):
            return begin
        try:
            found = Checkpoint.model_validate(
                await read_checkpoint(self.database, self.key)
            )
        except ValidationError:
            return begin
        return found if found.target == self.target else begin

    def to_round(
        self, client: UpstreamClient, sink: Sink, checkpoint: Checkpoint
    ) -> Round:
        """Put a round together."""
        settings = self.upstream.settings
        now = datetime.now(UTC)
        overlap = timedelta(seconds=settings.overlap_s)
        return Round(
            settings=settings,
            kind=self.kind,
            client=client,
            sink=sink,
            arrival=Arrival(
                settings=settings,
                kind=self.kind,
                context=DecodeContext(
                    project_id=settings.project, time_zone=self.time_zone
                ),
                client=client,
                memory=self.memory,
                now=now,
                # Since the last round looked, and a while before.
                recent=(checkpoint.round_at or now) - overlap,
            ),
            stop=self.stop,
            show=self.show,
            compare=partial(self.compare, before=now - overlap)
            if self.is_compared(sink)
            else None,
        )

    def is_compared(self, sink: Sink) -> bool:
        """Tell whether there are two sums to compare."""
        return (
            self.kind.usage is not None
            and self.reads_usage is not None
            and isinstance(sink, StoreSink)
        )

    async def compare(self, client: UpstreamClient, *, before: datetime) -> str | None:
        """Give how the upstream's own sums differ; None where they agree.

        Raises:
            DatabaseUnavailableError: The store cannot be reached.
        """
        usage, reads_usage = self.kind.usage, self.reads_usage
        window = await find_quiet_window(self.database, self.scope, before)
        if usage is None or reads_usage is None or window is None:
            return None
        request = usage.to_request(self.upstream.settings, *window)
        try:
            theirs = await client.ask(request, usage.parse) or {}
        except UpstreamError as exc:
            return f"its own summary cannot be read: {exc.message}"
        return to_difference(theirs, await reads_usage(self.scope, *window))


def to_state(report: Report) -> Mapping[str, Any]:
    """Give what the store keeps of how a round went."""
    if report.error is not None:
        return {"round_at": None, "is_failing": True, "error": report.error}
    if not report.summary.is_complete:
        return {"round_at": None}
    return {
        "round_at": None,
        "is_failing": False,
        "error": "; ".join(report.summary.notes) or None,
        "last_success_at": datetime.now(UTC),
    }
