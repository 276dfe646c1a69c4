"""All upstreams, side by side: once, or again and again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

from gateway.errors import GatewayError
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.upstreams import UpstreamKey
from gateway.upstream_settings import Upstream
from gateway.upstreams.comparing import ReadsUsage
from gateway.upstreams.lease import Lease
from gateway.upstreams.reader import UNEXPECTED, Reader, Report
from gateway.upstreams.rounds import Show

# Between two looks whether another process still reads an upstream.
LOOKS = 4
# A round that could not even begin, as where the store is not there, is tried again.
RETRY_S = 10.0
# A page in hand has so long at the end; what is broken off then comes again.
STOP_GRACE_S = 5.0
TAKEN = "another process reads it"

logger = logging.getLogger(__name__)
Tell = Callable[[Report], None]


class Syncing:
    """The upstreams there are, each read by a task of its own.

    Args:
        settings: Of the gateway.
        database: Where jobs go.
        upstreams: What to read.
        tell: Is told how each round went.
        reads_usage: Reads the store's own sums, to compare an upstream's with.
        to_show: Gives what is told how far an upstream's round is.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        upstreams: Sequence[Upstream],
        *,
        tell: Tell,
        reads_usage: ReadsUsage | None = None,
        to_show: Callable[[str], Show] | None = None,
    ) -> None:
        self.lease_s = settings.sync_lease_s
        self.database = database
        self.tell = tell
        self.stop = asyncio.Event()
        self.turn = asyncio.Lock()
        self.registered: set[UpstreamKey] = set()
        plain = (
            Reader(
                upstream=upstream,
                database=database,
                time_zone=ZoneInfo(settings.sharedcloud_time_zone),
                stop=self.stop,
                turn=self.turn,
                reads_usage=reads_usage,
            )
            for upstream in upstreams
        )
        self.readers = [
            replace(each, show=to_show(each.key.name)) if to_show else each
            for each in plain
        ]

    async def run_once(self, *, is_full: bool = False) -> Sequence[Report]:
        """Read a round of each upstream.

        Args:
            is_full: Whether all there is is read, and not only what is new.
        """
        readers = (replace(reader, is_full=is_full) for reader in self.readers)
        return await asyncio.gather(*map(self.read_once, readers))

    async def read_once(self, reader: Reader) -> Report:
        """Read a round of one upstream; whatever goes wrong is told in the report."""
        lease = self.to_lease(reader)
        try:
            await self.register(reader)
            if not await self.wait_for(lease):
                return self.told(to_failed(reader, TAKEN))
            async with lease.held():
                return self.told(await reader.read_round(lease))
        except GatewayError as exc:
            return self.told(to_failed(reader, exc.message))
        except Exception:
            logger.exception("%s: syncing failed unexpectedly", reader.key.name)
            return self.told(to_failed(reader, UNEXPECTED))

    async def wait_for(self, lease: Lease) -> bool:
        """Wait for the lease for as long as that of a dead process may last.

        Returns:
            Whether it is ours.
        """
        is_said = False
        for _ in range(2 * LOOKS):
            if await lease.take():
                return True
            if not is_said:
                logger.warning("%s: %s; waiting for it", lease.key.name, TAKEN)
                is_said = True
            await self.rest(self.lease_s / LOOKS)
            if self.stop.is_set():
                return False
        return await lease.take()

    async def read_dry(
        self, database: Database | None, *, is_full: bool = False
    ) -> Sequence[Report]:
        """Read a round of each upstream, and write nothing.

        Args:
            database: What is known; None: nothing.
            is_full: Whether all there is is read, and not only what is new.
        """
        readers = (replace(reader, is_full=is_full) for reader in self.readers)
        reports = await asyncio.gather(*(each.read_dry(database) for each in readers))
        return [self.told(report) for report in reports]

    async def run(self) -> None:
        """Read all upstreams round after round, until `stop` is set."""
        await asyncio.gather(*map(self.keep, self.readers))

    async def keep(self, reader: Reader) -> None:
        """Read one upstream round after round; nothing ends this but `stop`."""
        while not self.stop.is_set():
            try:
                await self.keep_leased(reader)
            except GatewayError as exc:
                logger.warning("%s: %s", reader.key.name, exc.message)
            except Exception:
                logger.exception("%s: syncing failed unexpectedly", reader.key.name)
            await self.rest(min(RETRY_S, self.lease_s))

    async def keep_leased(self, reader: Reader) -> None:
        """Read one upstream round after round, as long as nobody else does.

        Raises:
            LostLeaseError: Another process has taken over.
            DatabaseUnavailableError: The store cannot be reached.
        """
        await self.register(reader)
        lease = self.to_lease(reader)
        if not await lease.take():
            logger.debug("%s: %s", reader.key.name, TAKEN)
            return
        # Another process may have changed what this one knew.
        reader.memory.forget()
        async with lease.held():
            while not self.stop.is_set():
                self.told(await reader.read_round(lease))
                await self.rest(reader.upstream.settings.interval_s)

    async def register(self, reader: Reader) -> None:
        """Have the store know of an upstream, once."""
        if reader.key not in self.registered:
            await reader.register()
            self.registered.add(reader.key)

    def to_lease(self, reader: Reader) -> Lease:
        """Make what stands for the right to read an upstream."""
        return Lease(
            database=self.database,
            key=reader.key,
            length_s=self.lease_s,
            turn=self.turn,
        )

    def told(self, report: Report) -> Report:
        """Tell of a round."""
        self.tell(report)
        return report

    async def rest(self, duration_s: float) -> None:
        """Wait, but not longer than until `stop` is set."""
        try:
            await asyncio.wait_for(self.stop.wait(), duration_s)
        except TimeoutError:
            return


def to_failed(reader: Reader, error: str) -> Report:
    """Report a round that could not begin."""
    return Report(name=reader.key.name, account=reader.key.account, error=error)


def log_report(report: Report) -> None:
    """Log how a round went; one that changed nothing is of no interest."""
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
    """Within the block, read round after round; at its end, after the page in hand."""
    task = asyncio.create_task(syncing.run())
    try:
        yield
    finally:
        syncing.stop.set()
        await asyncio.wait([task], timeout=STOP_GRACE_S)
        task.cancel()
        await asyncio.wait([task])
