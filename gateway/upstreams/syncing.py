"""Reads all upstreams concurrently: one round each, or until stopped."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

from gateway.arrival.batches import Show, show_nothing
from gateway.errors import GatewayError
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.upstreams import UpstreamKey
from gateway.upstream_settings import ConfiguredUpstream
from gateway.upstreams.comparing import ReadUsage
from gateway.upstreams.lease import Lease
from gateway.upstreams.reader import UNEXPECTED, Report, UpstreamReader

# How often, within a lease's length, a process that waits tries to take it.
TRIES_PER_LEASE = 4
# Wait before trying again to begin, as when the store cannot be reached.
RETRY_S = 10.0
# The current page has so long to be written; a page cut off is read again later.
STOP_GRACE_S = 5.0
TAKEN = "another process reads it"

logger = logging.getLogger(__name__)
Tell = Callable[[Report], None]


class Syncing:
    """Reads upstreams, each in a task of its own.

    Args:
        settings: Of the gateway.
        database: Where jobs go.
        upstreams: What to read.
        tell: Is called with the report of each round.
        read_usage: Reads the store's usage, to compare an upstream's with.
        to_show: From an upstream's name to what shows how far its round is.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        upstreams: Sequence[ConfiguredUpstream],
        *,
        tell: Tell,
        read_usage: ReadUsage | None = None,
        to_show: Callable[[str], Show] = lambda _: show_nothing,
    ) -> None:
        self.lease_s = settings.sync_lease_s
        self.database = database
        self.tell = tell
        self.stop = asyncio.Event()
        self.turn = asyncio.Lock()
        self.registered: set[UpstreamKey] = set()
        self.readers = [
            UpstreamReader(
                upstream=upstream,
                database=database,
                time_zone=ZoneInfo(settings.sharedcloud_time_zone),
                stop=self.stop,
                turn=self.turn,
                read_usage=read_usage,
                show=to_show(upstream.settings.name),
            )
            for upstream in upstreams
        ]

    async def run_once(self, *, is_full: bool = False) -> Sequence[Report]:
        """Read a round of each upstream.

        Args:
            is_full: Whether to read everything, and not only what is new.
        """
        readers = (replace(reader, is_full=is_full) for reader in self.readers)
        return await asyncio.gather(*map(self.read_once, readers))

    async def read_once(self, reader: UpstreamReader) -> Report:
        """Read a round of one upstream; failures are reported, not raised."""
        lease = self.to_lease(reader)
        try:
            await self.register(reader)
            if not await self.wait_for(lease):
                return self.reported(to_failed(reader, TAKEN))
            async with lease.held():
                return self.reported(await reader.read_round(lease))
        except GatewayError as exc:
            return self.reported(to_failed(reader, exc.message))
        except Exception:
            logger.exception("%s: syncing failed unexpectedly", reader.key.name)
            return self.reported(to_failed(reader, UNEXPECTED))

    async def wait_for(self, lease: Lease) -> bool:
        """Take the lease, waiting for longer than that of a dead process may last.

        Returns:
            Whether it was taken.
        """
        is_logged = False
        for _ in range(2 * TRIES_PER_LEASE):
            if await lease.take():
                return True
            if not is_logged:
                logger.warning("%s: %s; waiting for it", lease.key.name, TAKEN)
                is_logged = True
            await self.pause(self.lease_s / TRIES_PER_LEASE)
            if self.stop.is_set():
                return False
        return await lease.take()

    async def read_dry(
        self, database: Database | None, *, is_full: bool = False
    ) -> Sequence[Report]:
        """Read a round of each upstream, and write nothing.

        Args:
            database: To compare with; None where there is none.
            is_full: Whether to read everything, and not only what is new.
        """
        readers = (replace(reader, is_full=is_full) for reader in self.readers)
        reports = await asyncio.gather(*(each.read_dry(database) for each in readers))
        return [self.reported(report) for report in reports]

    async def run(self) -> None:
        """Read all upstreams round after round, until `stop` is set."""
        await asyncio.gather(*map(self.run_reader, self.readers))

    async def run_reader(self, reader: UpstreamReader) -> None:
        """Read one upstream round after round until `stop` is set, whatever fails."""
        while not self.stop.is_set():
            try:
                await self.run_leased(reader)
            except GatewayError as exc:
                logger.warning("%s: %s", reader.key.name, exc.message)
            except Exception:
                logger.exception("%s: syncing failed unexpectedly", reader.key.name)
            await self.pause(min(RETRY_S, self.lease_s))

    async def run_leased(self, reader: UpstreamReader) -> None:
        """Read one upstream round after round, unless another process does.

        Raises:
            LostLeaseError: Another process has taken over.
            DatabaseUnavailableError: The store cannot be reached.
        """
        await self.register(reader)
        lease = self.to_lease(reader)
        if not await lease.take():
            logger.debug("%s: %s", reader.key.name, TAKEN)
            return
        # Another process may have changed what is stored.
        reader.memory.forget()
        async with lease.held():
            while not self.stop.is_set():
                self.reported(await reader.read_round(lease))
                await self.pause(reader.upstream.settings.interval_s)

    async def register(self, reader: UpstreamReader) -> None:
        """Register an upstream in the store, once."""
        if reader.key not in self.registered:
            await reader.register()
            self.registered.add(reader.key)

    def to_lease(self, reader: UpstreamReader) -> Lease:
        """Make the lease of an upstream."""
        return Lease(
            database=self.database,
            key=reader.key,
            length_s=self.lease_s,
            turn=self.turn,
        )

    def reported(self, report: Report) -> Report:
        """Pass a report on."""
        self.tell(report)
        return report

    async def pause(self, duration_s: float) -> None:
        """Wait, at the longest until `stop` is set."""
        try:
            await asyncio.wait_for(self.stop.wait(), duration_s)
        except TimeoutError:
            return


def to_failed(reader: UpstreamReader, error: str) -> Report:
    """Report a round that could not begin."""
    return Report(name=reader.key.name, account=reader.key.account, error=error)


def log_report(report: Report) -> None:
    """Log how a round went; at debug level where it changed nothing."""
    title = f"{report.name} ({report.account})"
    if report.error is not None:
        logger.warning("%s: %s", title, report.error)
        return
    for note in report.summary.notes:
        logger.warning("%s: %s", title, note)
    counts = report.summary.counts
    is_news = counts.new + counts.updated + report.summary.rejected > 0
    logger.log(
        logging.INFO if is_news else logging.DEBUG, "%s: %s", title, report.summary
    )


@asynccontextmanager
async def running(syncing: Syncing) -> AsyncIterator[None]:
    """Within the block, read round after round; at its end, end after a page."""
    task = asyncio.create_task(syncing.run())
    try:
        yield
    finally:
        syncing.stop.set()
        await asyncio.wait([task], timeout=STOP_GRACE_S)
        task.cancel()
        await asyncio.wait([task])
