"""Reads one upstream, round by round; failures become its state in the store."""

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

from gateway.arrival.batches import Show, show_nothing
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
from gateway.upstream_settings import ConfiguredUpstream, UpstreamSettings
from gateway.upstreams.client import UpstreamClient, opened_client
from gateway.upstreams.comparing import ReadUsage, to_difference
from gateway.upstreams.decoding import DocumentDecoder
from gateway.upstreams.kinds import Checkpoint, Kind
from gateway.upstreams.lease import Lease
from gateway.upstreams.memory import Memory
from gateway.upstreams.registry import KINDS
from gateway.upstreams.rounds import Round, RoundSummary
from gateway.upstreams.sinks import DrySink, Sink, StoreSink

UNEXPECTED = "an unexpected error; the log has it"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a round went.

    Attributes:
        error: Why it failed; None where it did not.
    """

    name: str
    account: str
    summary: RoundSummary = field(default_factory=RoundSummary)
    error: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether the round succeeded, to its end."""
        return self.error is None and self.summary.is_complete


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamReader:
    """Reads one upstream.

    Attributes:
        stop: Set to end the round after the current page.
        turn: The lock that all upstreams of the process write under.
        memory: The documents that are stored, as long as no other process reads it.
        is_full: Whether to ignore the checkpoint and read everything.
        read_usage: Reads the store's usage, to compare an upstream's with.
        show: Is called with the number of documents the round has read so far.
    """

    upstream: ConfiguredUpstream
    database: Database
    time_zone: ZoneInfo
    stop: asyncio.Event
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    memory: Memory = field(default_factory=Memory)
    is_full: bool = False
    read_usage: ReadUsage | None = None
    show: Show = show_nothing

    @property
    def settings(self) -> UpstreamSettings:
        """What the operator set."""
        return self.upstream.settings

    @property
    def kind(self) -> Kind:
        """Its interface."""
        return KINDS[self.settings.kind](self.settings)

    @property
    def key(self) -> UpstreamKey:
        """What identifies it in the store."""
        return UpstreamKey(account=self.settings.account, name=self.settings.name)

    @property
    def scope(self) -> JobScope:
        """Which stored jobs are its own."""
        return JobScope(
            account=self.settings.account,
            source=self.kind.source.value,
            project_id=self.settings.project,
        )

    @property
    def target(self) -> str:
        """What its checkpoint is valid for: another target is read from its start."""
        return f"{self.settings.kind} {self.settings.base_url} {self.settings.project}"

    async def register(self) -> None:
        """Register it in the store."""
        record = UpstreamRecord(
            account=self.settings.account,
            name=self.settings.name,
            kind=self.settings.kind,
            source=self.kind.source.value,
            project_id=self.settings.project,
        )
        async with self.turn, self.database.transaction() as conn:
            await put_upstream(conn, record)

    async def read_round(self, lease: Lease) -> Report:
        """Read a round, and write its state.

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
        await self.put_state(lease, to_state_columns(report))
        return report

    async def read_dry(self, database: Database | None) -> Report:
        """Read a round, and write nothing.

        Args:
            database: To compare with; None where there is none.
        """
        return await self.attempt(DrySink(database=database, scope=self.scope))

    async def put_state(self, lease: Lease, changes: Mapping[str, Any]) -> None:
        """Write columns of the upstream's row."""
        async with self.turn, self.database.transaction() as conn:
            await put_upstream_state(conn, self.key, lease.owner, changes)

    async def attempt(self, sink: Sink) -> Report:
        """Read a round; failures are reported, not raised.

        Raises:
            LostLeaseError: Another process has taken over.
        """
        report = Report(name=self.settings.name, account=self.settings.account)
        started_s = time.monotonic()
        try:
            summary = await self.read(sink)
        except LostLeaseError:
            raise
        except GatewayError as exc:
            return replace(report, error=exc.message)
        except Exception:
            logger.exception("%s: the round failed unexpectedly", self.settings.name)
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
        """Read the checkpoint; a new one where there is none that is valid."""
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
        """Make a round."""
        now = datetime.now(UTC)
        overlap = timedelta(seconds=self.settings.overlap_s)
        return Round(
            client=client,
            sink=sink,
            decoder=DocumentDecoder(
                context=DecodeContext(
                    project_id=self.settings.project, time_zone=self.time_zone
                ),
                client=client,
                memory=self.memory,
                now=now,
                # Since the last round, less the overlap.
                recent=(checkpoint.round_at or now) - overlap,
            ),
            stop=self.stop,
            show=self.show,
            compare=partial(self.compare, before=now - overlap)
            if self.is_compared(sink)
            else None,
        )

    def is_compared(self, sink: Sink) -> bool:
        """Tell whether the round can compare usage."""
        has_usages = self.kind.has_usage and self.read_usage is not None
        return has_usages and isinstance(sink, StoreSink)

    async def compare(self, client: UpstreamClient, *, before: datetime) -> str | None:
        """Say how the upstream's own usage differs; None where it does not.

        Raises:
            DatabaseUnavailableError: The store cannot be reached.
        """
        window = await find_quiet_window(self.database, self.scope, before)
        request = window and self.kind.to_usage_request(*window)
        if self.read_usage is None or window is None or request is None:
            return None
        try:
            theirs = await client.fetch(request, self.kind.parse_usage) or {}
        except UpstreamError as exc:
            return f"its own summary cannot be read: {exc.message}"
        return to_difference(theirs, await self.read_usage(self.scope, *window))


def to_state_columns(report: Report) -> Mapping[str, Any]:
    """Give the columns of an upstream's row that tell how a round went."""
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
