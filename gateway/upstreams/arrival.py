"""Documents to rows, with the details that lists leave out; bad ones are put aside."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from gateway.dialects.context import DecodeContext
from gateway.dialects.residue import JsonObject
from gateway.errors import DecodeError
from gateway.records import PENDING_STATUSES
from gateway.store.known_jobs import Known, is_changed
from gateway.store.rows import JobRow, to_row
from gateway.upstream_settings import UpstreamSettings
from gateway.upstreams.client import UpstreamClient
from gateway.upstreams.kinds import Kind
from gateway.upstreams.memory import Facts, Memory, to_digest

T = TypeVar("T")

# What a process does for others waits for so many documents, a millisecond or two.
PART_DOCUMENTS = 20
# More are counted, and not told one by one.
TOLD_REJECTIONS = 10

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A document that was read, and what is written of it.

    Attributes:
        row: None where the document is known to be stored already.
    """

    document: JsonObject
    digest: bytes
    facts: Facts
    row: JobRow | None

    @property
    def identifier(self) -> str:
        """The job's identifier in its source."""
        return self.facts.identifier


@dataclass(slots=True, kw_only=True)
class Arrival:
    """Decodes the documents of one round.

    Attributes:
        now: When the round began.
        recent: Jobs that ended then or later may still change.
        rejections: How many documents were rejected, by reason.
    """

    settings: UpstreamSettings
    kind: Kind
    context: DecodeContext
    client: UpstreamClient
    memory: Memory
    now: datetime
    recent: datetime
    rejections: Counter[str] = field(default_factory=Counter)

    async def decode(self, documents: Sequence[JsonObject]) -> list[Decoded]:
        """Decode documents, a few at a time."""
        found: list[Decoded] = []
        for at, document in enumerate(documents, 1):
            try:
                found.append(self.recall(document) or self.decode_one(document))
            except DecodeError as exc:
                self.reject(exc.message)
            if at % PART_DOCUMENTS == 0:
                await asyncio.sleep(0)
        return found

    def recall(self, document: JsonObject) -> Decoded | None:
        """Recognise a document that needs no decoding; None: it does."""
        digest = to_digest(document)
        facts = self.memory.find(document.get(self.kind.id_field), digest)
        if facts is None:
            return None
        if facts.may_change(self.recent) and self.lacks_detail(document):
            return None
        return Decoded(document=document, digest=digest, facts=facts, row=None)

    def decode_one(self, document: JsonObject) -> Decoded:
        """Decode a document.

        Raises:
            DecodeError: It is not of its format, or cannot be stored.
        """
        record = self.kind.decode(document, self.context)
        return Decoded(
            document=document,
            digest=to_digest(document),
            facts=Facts(
                identifier=record.job_identifier,
                instant=self.kind.instant_of(record),
                is_pending=record.status in PENDING_STATUSES,
                finished_at=record.finished_at,
            ),
            row=to_row(record),
        )

    def remember(self, found: Sequence[Decoded]) -> None:
        """Note documents that have been dealt with."""
        for each in found:
            self.memory.add(each.digest, each.facts)

    def lacks_detail(self, document: JsonObject) -> bool:
        """Tell whether a document has less than there is to know."""
        return self.kind.lacks_detail(self.settings, document)

    def reject(self, reason: str) -> None:
        """Put a document aside."""
        if self.rejections.total() < TOLD_REJECTIONS:
            logger.warning("%s: a job is rejected: %s", self.settings.name, reason)
        self.rejections[reason] += 1

    async def complete(
        self, found: Sequence[Decoded], known: Mapping[str, Known]
    ) -> list[JobRow]:
        """Give the rows to write, once what lists leave out was asked for.

        A document that lacks something is not written where nothing has changed: what
        is stored is more.
        """
        return await self.to_rows(
            [each for each in found if self.is_wanted(each, known)]
        )

    async def complete_own(self, found: Sequence[Decoded]) -> list[JobRow]:
        """Give the rows of jobs that were asked for one by one."""
        if self.kind.has_detail_in_job:
            return [each.row for each in found if each.row is not None]
        return await self.to_rows(found)

    async def to_rows(self, wanted: Sequence[Decoded]) -> list[JobRow]:
        """Ask for what documents lack, and give all rows."""
        whole: list[Decoded] = []
        lacking: list[Decoded] = []
        for each in wanted:
            (lacking if self.lacks_detail(each.document) else whole).append(each)
        completed = await gather(self.complete_one(each) for each in lacking)
        rows = [each.row for each in whole]
        return [row for row in (*rows, *completed) if row is not None]

    def is_wanted(self, found: Decoded, known: Mapping[str, Known]) -> bool:
        """Tell whether a document says something, or its details may."""
        if found.row is None:
            return False
        if not self.lacks_detail(found.document):
            return True
        stored = known.get(found.identifier)
        return (
            stored is None
            or found.facts.may_change(self.recent)
            or is_changed(found.row, stored)
        )

    async def complete_one(self, found: Decoded) -> JobRow | None:
        """Ask for what a document lacks; None where it then cannot be read."""
        answer = await self.client.ask(
            self.kind.to_detail_request(self.settings, found.identifier),
            lambda value: self.kind.add_detail(found.document, value),
        )
        try:
            return found.row if answer is None else self.decode_one(answer).row
        except DecodeError as exc:
            self.reject(exc.message)
            return None


async def gather(pending: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for all; where one fails, the others are cancelled."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in pending]
    except ExceptionGroup as exc:
        raise exc.exceptions[0] from exc
    return [task.result() for task in tasks]
