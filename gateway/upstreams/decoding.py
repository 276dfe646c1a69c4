"""Documents to rows, with the details that lists leave out."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from gateway.arrival.turns import collect
from gateway.dialects.context import DecodeContext
from gateway.dialects.residue import JsonObject
from gateway.errors import DecodeError
from gateway.records import PENDING_STATUSES
from gateway.store.known_jobs import Known, is_changed
from gateway.store.rows import JobRow, to_job_row
from gateway.upstreams.client import UpstreamClient
from gateway.upstreams.kinds import Kind
from gateway.upstreams.memory import JobFacts, Memory, to_document_digest

T = TypeVar("T")

# More rejections are counted, and not logged one by one.
LOGGED_REJECTIONS = 10

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedDocument:
    """A valid document.

    Attributes:
        row: What to write; None where the document is known to be stored already.
    """

    document: JsonObject
    digest: bytes
    facts: JobFacts
    row: JobRow | None


@dataclass(slots=True, kw_only=True)
class DocumentDecoder:
    """Decodes the documents of one round.

    Attributes:
        now: When the round began.
        recent: Jobs that ended then or later may still change.
        rejections: How many documents were rejected, by reason.
    """

    client: UpstreamClient
    context: DecodeContext
    memory: Memory
    now: datetime
    recent: datetime
    rejections: Counter[str] = field(default_factory=Counter)

    @property
    def kind(self) -> Kind:
        """The upstream's interface."""
        return self.client.kind

    async def decode(self, documents: Sequence[JsonObject]) -> list[DecodedDocument]:
        """Decode documents, rejecting the invalid ones."""
        decoded = await collect(map(self.decode_or_reject, documents))
        return [each for each in decoded if each is not None]

    def decode_or_reject(self, document: JsonObject) -> DecodedDocument | None:
        """Decode a document; None where it is invalid."""
        try:
            return self.find_known(document) or self.decode_one(document)
        except DecodeError as exc:
            self.reject(exc.message)
            return None

    def find_known(self, document: JsonObject) -> DecodedDocument | None:
        """Look up a document that is stored already; None: it has to be decoded."""
        digest = to_document_digest(document)
        facts = self.memory.find(document.get(self.kind.id_field), digest)
        if facts is None:
            return None
        if facts.may_change(self.recent) and self.kind.lacks_detail(document):
            return None
        return DecodedDocument(document=document, digest=digest, facts=facts, row=None)

    def decode_one(self, document: JsonObject) -> DecodedDocument:
        """Decode a document.

        Raises:
            DecodeError: It is invalid, or cannot be stored.
        """
        record = self.kind.decode(document, self.context)
        return DecodedDocument(
            document=document,
            digest=to_document_digest(document),
            facts=JobFacts(
                identifier=record.job_identifier,
                instant=self.kind.instant_of(record),
                is_pending=record.status in PENDING_STATUSES,
                finished_at=record.finished_at,
            ),
            row=to_job_row(record),
        )

    def remember(self, found: Sequence[DecodedDocument]) -> None:
        """Remember documents that are written, or are unchanged."""
        for each in found:
            self.memory.add(each.digest, each.facts)

    def reject(self, reason: str) -> None:
        """Count a document that is not written, and log the first ones."""
        if self.rejections.total() < LOGGED_REJECTIONS:
            logger.warning(
                "%s: a job is rejected: %s", self.client.settings.name, reason
            )
        self.rejections[reason] += 1

    async def fetch_changed(
        self, found: Sequence[DecodedDocument], known: Mapping[str, Known]
    ) -> list[JobRow]:
        """Give the rows to write of a list's documents, with fetched details.

        An unchanged document without details gives none: what is stored has more.
        """
        changed = [each for each in found if self.is_wanted(each, known)]
        return await self.fetch_rows(changed)

    async def fetch_rows(self, found: Sequence[DecodedDocument]) -> list[JobRow]:
        """Give rows, fetching the details that documents lack."""
        lacking = [each for each in found if self.kind.lacks_detail(each.document)]
        rows = [each.row for each in found if not self.kind.lacks_detail(each.document)]
        rows += await gather(map(self.fetch_detail, lacking))
        return [row for row in rows if row is not None]

    async def fetch_job_rows(self, found: Sequence[DecodedDocument]) -> list[JobRow]:
        """Give the rows of documents that were fetched one by one."""
        if self.kind.detail_path is None:
            return [each.row for each in found if each.row is not None]
        return await self.fetch_rows(found)

    def is_wanted(self, found: DecodedDocument, known: Mapping[str, Known]) -> bool:
        """Tell whether a document may change what is stored, or its details may."""
        if found.row is None:
            return False
        if not self.kind.lacks_detail(found.document):
            return True
        stored = known.get(found.facts.identifier)
        return (
            stored is None
            or found.facts.may_change(self.recent)
            or is_changed(found.row, stored)
        )

    async def fetch_detail(self, found: DecodedDocument) -> JobRow | None:
        """Fetch what a document lacks; None where the result is invalid."""
        answer = await self.client.fetch(
            self.kind.to_detail_request(found.facts.identifier),
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
