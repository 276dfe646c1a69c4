"""A sync that is killed again and again, until it has settled."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from gateway.dialects.residue import JsonObject
from gateway.records import JobSource
from gateway.settings import read_settings
from gateway.store.database import open_database
from tests.features.gateways import Ended, start, to_end
from tests.upstreams.running import ACCOUNT, Upstream, write_upstreams
from tests.upstreams.standins.book import LASTS
from tests.upstreams.stored import read_documents, to_differences

POLL_S = 0.02
MOST_ROUNDS = 6
FAULTS, LIES = 80, 40
PATIENCE_S = 240


Complete = Callable[[JsonObject], JsonObject]


def unchanged(job: JsonObject) -> JsonObject:
    """Take a job as it is."""
    return job


@dataclass(frozen=True, slots=True, kw_only=True)
class Syncing:
    """A database, an upstream, and the command that brings the one to the other."""

    database_url: str
    upstream: Upstream
    env: Mapping[str, str]

    async def round(self) -> Ended:
        """Run `gateway sync --once` to its end."""
        return await to_end("sync", "--once", env=self.env, patience_s=PATIENCE_S)

    async def complete_round(self) -> Ended:
        """Run rounds until one is complete.

        Raises:
            AssertionError: None is.
        """
        said = ""
        for _ in range(MOST_ROUNDS):
            ended = await self.round()
            if ended.code == 0:
                return ended
            said += ended.stderr
        raise AssertionError(said)

    async def settle(
        self, kills: int, most_s: float, *, lies_per_mille: int = LIES
    ) -> Ended:
        """Kill rounds while the upstream goes on, and end with two whole ones at rest.

        Raises:
            AssertionError: No round was killed, or none is complete after several
                attempts.
        """
        self.upstream.begin(faults_per_mille=FAULTS, lies_per_mille=lies_per_mille)
        chance = Random(self.upstream.seed)  # noqa: S311 -- picks when to kill
        killed = [await self.killed_round(chance, most_s) for _ in range(kills)]
        assert any(killed), "every round ended before it was to be killed"
        await self.complete_round()
        self.upstream.rest()
        await self.catch_up()
        await self.complete_round()
        return await self.complete_round()

    async def catch_up(self) -> None:
        """Wait for what the upstream made by its clock, which may be ahead of ours."""
        ahead = self.upstream.now + LASTS - datetime.now(UTC)
        await asyncio.sleep(max(0, ahead.total_seconds()))

    async def killed_round(self, chance: Random, most_s: float) -> bool:
        """Kill a round some time after its first request; tell whether it still ran."""
        before = self.upstream.counts().get("requests", 0)
        process = await start(("sync", "--once"), self.env)
        while self.upstream.counts().get("requests", 0) == before:
            assert process.returncode is None, (await process.communicate())[1]
            await asyncio.sleep(POLL_S)
        await asyncio.sleep(chance.uniform(0, most_s))
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
        return process.returncode == -signal.SIGKILL

    async def differences(self, complete: Complete = unchanged) -> list[str]:
        """Compare what is stored with what the upstream has.

        Args:
            complete: Adds to a job of the upstream what it tells elsewhere.
        """
        source = JobSource(self.upstream.kind.replace("-", "_").upper())
        key = self.upstream.id_key
        jobs = self.upstream.documents()
        upstream = {str(job[key]): complete(job) for job in jobs}
        database = open_database(read_settings(database_url=self.database_url))
        stored = await read_documents(database, ACCOUNT, source)
        await database.close()
        found = to_differences(stored, upstream)
        return [f"to be repeated with {self.upstream}", *found] if found else []

    async def verify_usage(self) -> Ended:
        """Run `gateway db verify-usage`."""
        return await to_end("db", "verify-usage", env=self.env)


def to_syncing(
    database_url: str, upstream: Upstream, folder: Path, **values: object
) -> Syncing:
    """Have a gateway on a database know an upstream."""
    env = write_upstreams(folder, [upstream], **values)
    env = {**env, "GATEWAY_DATABASE_URL": database_url}
    return Syncing(database_url=database_url, upstream=upstream, env=env)
